namespace EdTech.Contracts.Learning;

/// <summary>A course that the caller is enrolled in.</summary>
/// <param name="EnrolmentId">The enrolment.</param>
/// <param name="CourseId">The course.</param>
/// <param name="Slug">The course's readable name in addresses.</param>
/// <param name="Title">Its title in the learner's version.</param>
/// <param name="Version">The version that the learner sees.</param>
/// <param name="LatestVersion">The version that new learners get.</param>
/// <param name="Percent">0 to 100, rounded down.</param>
/// <param name="EnrolledAt">When the learner enrolled.</param>
/// <param name="CompletedAt">When all lessons were completed for the first time.</param>
/// <param name="CertificateId">The certificate, once there is one.</param>
public sealed record EnrolmentView(
    Guid EnrolmentId,
    Guid CourseId,
    string Slug,
    string Title,
    int Version,
    int LatestVersion,
    int Percent,
    DateTimeOffset EnrolledAt,
    DateTimeOffset? CompletedAt,
    Guid? CertificateId);

/// <summary>How far the caller is in a course, and why.</summary>
/// <param name="EnrolmentId">The enrolment.</param>
/// <param name="CourseId">The course.</param>
/// <param name="Version">The version that the learner sees.</param>
/// <param name="LatestVersion">The version to which the learner could switch.</param>
/// <param name="Percent">Completed lessons of all that count, 0 to 100, rounded down.</param>
/// <param name="CompletedLessons">Lessons completed, those that have left the course included.</param>
/// <param name="TotalLessons">Lessons of the version, and completed ones that have left the course.</param>
/// <param name="Explanation">The percentage in a sentence.</param>
/// <param name="NextLessonId">Where to go on: the first open lesson after the one visited last; null when all are completed.</param>
/// <param name="EnrolledAt">When the learner enrolled.</param>
/// <param name="CompletedAt">When all lessons were completed for the first time.</param>
/// <param name="CertificateId">The certificate, once there is one.</param>
/// <param name="MissingPrerequisites">Courses that should be completed before and are not. A hint; nothing is locked.</param>
/// <param name="Lessons">In order; completed lessons that have left the course come last.</param>
public sealed record ProgressView(
    Guid EnrolmentId,
    Guid CourseId,
    int Version,
    int LatestVersion,
    int Percent,
    int CompletedLessons,
    int TotalLessons,
    string Explanation,
    Guid? NextLessonId,
    DateTimeOffset EnrolledAt,
    DateTimeOffset? CompletedAt,
    Guid? CertificateId,
    IReadOnlyList<Guid> MissingPrerequisites,
    IReadOnlyList<LessonProgressView> Lessons);

/// <summary>One lesson's part of the progress.</summary>
/// <param name="LessonId">The lesson.</param>
/// <param name="Title">Its title; null when it has left the course.</param>
/// <param name="Kind">What it is; null when it has left the course.</param>
/// <param name="CompletedAt">When it was completed; null while it is not.</param>
/// <param name="PositionSeconds">Where to resume.</param>
/// <param name="BestPoints">Of the best attempt at a quiz.</param>
/// <param name="MaxPoints">Of that attempt.</param>
/// <param name="Missing">What is still to be done, as a sentence; null when it is completed.</param>
public sealed record LessonProgressView(
    Guid LessonId,
    string? Title,
    LessonKind? Kind,
    DateTimeOffset? CompletedAt,
    int? PositionSeconds,
    decimal? BestPoints,
    decimal? MaxPoints,
    string? Missing);

/// <summary>A lesson as its learner sees it. A quiz's questions are shown by an attempt.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Version">The version of the course that is shown.</param>
/// <param name="LessonId">The lesson.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Title">Its title.</param>
/// <param name="Minutes">Expected time to study.</param>
/// <param name="Preview">Seen without enrolment.</param>
/// <param name="Html">Sanitised HTML.</param>
/// <param name="Video">Set for videos.</param>
/// <param name="Quiz">Set for quizzes.</param>
/// <param name="Assignment">Set for assignments.</param>
/// <param name="Live">Set for meetings.</param>
/// <param name="CompletedAt">When the caller completed it.</param>
/// <param name="PositionSeconds">Where the caller stopped.</param>
/// <param name="PreviousLessonId">The lesson before it.</param>
/// <param name="NextLessonId">The lesson after it.</param>
public sealed record LessonView(
    Guid CourseId,
    int Version,
    Guid LessonId,
    LessonKind Kind,
    string Title,
    int? Minutes,
    bool Preview,
    string? Html,
    VideoContent? Video,
    QuizSummary? Quiz,
    AssignmentContent? Assignment,
    LiveContent? Live,
    DateTimeOffset? CompletedAt,
    int? PositionSeconds,
    Guid? PreviousLessonId,
    Guid? NextLessonId);

/// <summary>What a learner may know of a quiz before starting it.</summary>
/// <param name="Questions">How many.</param>
/// <param name="Points">Most points to reach.</param>
/// <param name="PassPercent">Share of the points that passes.</param>
/// <param name="MaxAttempts">Null for as many as one likes.</param>
/// <param name="TimeLimitSeconds">Null for none.</param>
/// <param name="AttemptsUsed">Attempts started by the caller.</param>
/// <param name="OpenAttemptId">The attempt under way.</param>
/// <param name="BestPoints">Of the caller's best graded attempt.</param>
/// <param name="Passed">Whether one of the caller's attempts passed.</param>
public sealed record QuizSummary(
    int Questions,
    decimal Points,
    int PassPercent,
    int? MaxAttempts,
    int? TimeLimitSeconds,
    int AttemptsUsed,
    Guid? OpenAttemptId,
    decimal? BestPoints,
    bool Passed);
