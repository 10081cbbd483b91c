namespace EdTech.Contracts.Learning;

/// <summary>A learner got access to a course.</summary>
public sealed record StudentEnrolled(Guid EnrolmentId, Guid CourseId, Guid StudentId, int Version, DateTimeOffset At) : IEvent;

/// <summary>A payment has its enrolment. Told again when the order was repeated.</summary>
public sealed record PaidStudentEnrolled(Guid PaymentId, Guid EnrolmentId, Guid CourseId, Guid StudentId, DateTimeOffset At) : IEvent;

/// <summary>A payment gets no enrolment, and never will: the money has to go back.</summary>
/// <param name="PaymentId">The purchase.</param>
/// <param name="CourseId">The course.</param>
/// <param name="StudentId">Who paid.</param>
/// <param name="Code"><c>course.not_found</c>, <c>course.archived</c>, <c>enrolment.exists</c>, <c>enrolment.revoked</c>.</param>
/// <param name="At">When.</param>
public sealed record PaidEnrolmentRefused(Guid PaymentId, Guid CourseId, Guid StudentId, string Code, DateTimeOffset At) : IEvent;

/// <summary>A learner's access to a course ended because its payment went back.</summary>
public sealed record EnrolmentRevoked(Guid EnrolmentId, Guid CourseId, Guid StudentId, Guid PaymentId, DateTimeOffset At) : IEvent;

/// <summary>A learner moved to another version of a course.</summary>
public sealed record VersionSwitched(Guid EnrolmentId, Guid CourseId, Guid StudentId, int FromVersion, int ToVersion, DateTimeOffset At) : IEvent;

/// <summary>A learner completed a lesson: once per lesson, whatever happens to the course later.</summary>
public sealed record LessonCompleted(Guid EnrolmentId, Guid CourseId, Guid StudentId, Guid LessonId, LessonKind Kind, DateTimeOffset At) : IEvent;

/// <summary>An attempt at a quiz was graded, handed in or run out of time. The answers are not told.</summary>
public sealed record QuizGraded(Guid AttemptId, Guid CourseId, Guid LessonId, Guid StudentId, decimal Points, decimal MaxPoints, bool Passed, DateTimeOffset At) : IEvent;

/// <summary>A learner completed all lessons of the version that he or she sees: once per enrolment.</summary>
public sealed record CourseCompleted(Guid EnrolmentId, Guid CourseId, Guid StudentId, int Version, DateTimeOffset At) : IEvent;

/// <summary>A certificate exists and can be verified by anybody at its public address.</summary>
public sealed record CertificateIssued(Guid CertificateId, Guid CourseId, Guid StudentId, DateTimeOffset At) : IEvent;

/// <summary>A certificate was taken back.</summary>
public sealed record CertificateRevoked(Guid CertificateId, Guid CourseId, Guid StudentId, DateTimeOffset At) : IEvent;

/// <summary>A learning path became visible to learners, or changed while it was.</summary>
public sealed record PathPublished(Guid PathId, Guid AuthorId, IReadOnlyList<Guid> CourseIds, DateTimeOffset At) : IEvent;
