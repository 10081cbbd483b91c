namespace EdTech.Contracts.Learning;

/// <summary>Enrols the caller in a free, published course, on its published version. Repeating it answers with the enrolment that exists.</summary>
public sealed record Enrol(Actor By, Guid EnrolmentId, Guid CourseId) : ICommand;

/// <summary>
/// Enrols a learner who has paid, on the published version. Sent by the payments domain, as often as it takes; the outcome is an event:
/// <see cref="PaidStudentEnrolled"/> or <see cref="PaidEnrolmentRefused"/>. A learner enrolled before, for free or by another payment, is refused.
/// </summary>
/// <param name="By">The payer.</param>
/// <param name="EnrolmentId">The new enrolment.</param>
/// <param name="CourseId">The course.</param>
/// <param name="PaymentId">The purchase: one enrolment each.</param>
public sealed record EnrolPaidStudent(Actor By, Guid EnrolmentId, Guid CourseId, Guid PaymentId) : ICommand;

/// <summary>
/// Ends the access that a payment gave, because its money went back. Learned things stay: progress and certificates are kept, and a new payment
/// continues with them. Arriving before <see cref="EnrolPaidStudent"/> of the same payment it still wins.
/// </summary>
public sealed record RevokePaidEnrolment(Actor By, Guid CourseId, Guid PaymentId) : ICommand;

/// <summary>Moves the caller's enrolment to the course's published version. Completed lessons stay completed, also those that the new version lacks.</summary>
public sealed record SwitchVersion(Actor By, Guid CourseId) : ICommand;

/// <summary>The caller is done with a lesson. Quizzes are completed by passing them, not by this.</summary>
public sealed record CompleteLesson(Actor By, Guid CourseId, Guid LessonId) : ICommand;

/// <summary>Remembers where in a lesson the caller stopped.</summary>
/// <param name="By">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="LessonId">A lesson of the learner's version.</param>
/// <param name="PositionSeconds">Seconds from the start; 0 where the lesson has no time line.</param>
public sealed record SavePosition(Actor By, Guid CourseId, Guid LessonId, int PositionSeconds) : ICommand;

/// <summary>Opens an attempt at a quiz and fixes its order and its deadline. While one is open, the answer is that one.</summary>
public sealed record StartQuizAttempt(Actor By, Guid AttemptId, Guid CourseId, Guid LessonId) : ICommand;

/// <summary>Keeps answers of an open attempt, replacing those saved before. They are graded when the time runs out.</summary>
public sealed record SaveAnswers(Actor By, Guid AttemptId, IReadOnlyList<QuestionAnswer> Answers) : ICommand;

/// <summary>Hands in an attempt and has it graded. For questions that it does not mention, the saved answers count.</summary>
public sealed record SubmitQuiz(Actor By, Guid AttemptId, IReadOnlyList<QuestionAnswer> Answers) : ICommand;

/// <summary>Sent by the endpoint to itself on behalf of the learner, delivered when an attempt's time is over: whatever was saved is graded. Nobody waits for an answer.</summary>
public sealed record CloseExpiredAttempt(Actor By, Guid AttemptId) : ICommand;

/// <summary>Takes a certificate back. Needs <c>courses.moderate</c>.</summary>
/// <param name="By">The moderator.</param>
/// <param name="CertificateId">Which certificate.</param>
/// <param name="Reason">Shown to whoever verifies the certificate; 1 to 500 characters, no personal data.</param>
public sealed record RevokeCertificate(Actor By, Guid CertificateId, string Reason) : ICommand;

/// <summary>Drafts a learning path.</summary>
/// <param name="By">Its author.</param>
/// <param name="PathId">The new path.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Summary">At most 500 characters.</param>
/// <param name="Steps">1 to 50 courses in the order in which they are meant to be taken.</param>
public sealed record CreatePath(Actor By, Guid PathId, string Title, string Summary, IReadOnlyList<PathStep> Steps) : ICommand;

/// <summary>Changes a learning path, published or not; followers see the change at once.</summary>
/// <param name="By">Its author.</param>
/// <param name="PathId">The path.</param>
/// <param name="IfVersion">Refused as stale unless the path is at this version; null to change it whatever its version.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Summary">At most 500 characters.</param>
/// <param name="Steps">All steps, replacing those before.</param>
public sealed record RevisePath(Actor By, Guid PathId, long? IfVersion, string Title, string Summary, IReadOnlyList<PathStep> Steps) : ICommand;

/// <summary>Makes a learning path visible to learners. All its courses have to be published.</summary>
public sealed record PublishPath(Actor By, Guid PathId, long? IfVersion) : ICommand;

/// <summary>The caller follows a published learning path. Repeating it changes nothing.</summary>
public sealed record FollowPath(Actor By, Guid PathId) : ICommand;

/// <summary>The caller follows a learning path no longer. Enrolments stay.</summary>
public sealed record UnfollowPath(Actor By, Guid PathId) : ICommand;

/// <summary>A course on a learning path.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Requires">Courses of the same path that have to be completed before.</param>
public sealed record PathStep(Guid CourseId, IReadOnlyList<Guid> Requires);
