using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Contracts.Learning;

/// <summary>How the domain's messages and views are written as JSON, generated at build time.</summary>
// One block per file of contracts, in the order of the files, so that additions do not collide.
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refused))]
// CourseContent.cs
[JsonSerializable(typeof(CourseDetails))]
[JsonSerializable(typeof(IReadOnlyList<OutlineSection>))]
[JsonSerializable(typeof(OutlineLesson))]
[JsonSerializable(typeof(LessonContent))]
[JsonSerializable(typeof(IReadOnlyList<QuestionAnswer>))]
// AuthoringCommands.cs
[JsonSerializable(typeof(CreateCourse))]
[JsonSerializable(typeof(ReviseCourseDetails))]
[JsonSerializable(typeof(AddSection))]
[JsonSerializable(typeof(RenameSection))]
[JsonSerializable(typeof(MoveSection))]
[JsonSerializable(typeof(RemoveSection))]
[JsonSerializable(typeof(AddLesson))]
[JsonSerializable(typeof(ReviseLesson))]
[JsonSerializable(typeof(MoveLesson))]
[JsonSerializable(typeof(RemoveLesson))]
[JsonSerializable(typeof(AddLessons))]
[JsonSerializable(typeof(PublishCourse))]
[JsonSerializable(typeof(ArchiveCourse))]
[JsonSerializable(typeof(RestoreCourse))]
[JsonSerializable(typeof(DiscardDraft))]
// CourseEvents.cs
[JsonSerializable(typeof(CoursePublished))]
[JsonSerializable(typeof(CourseArchived))]
[JsonSerializable(typeof(CourseRestored))]
// CourseViews.cs
[JsonSerializable(typeof(CourseView))]
[JsonSerializable(typeof(CourseLessonView))]
[JsonSerializable(typeof(Page<AuthoredCourse>))]
[JsonSerializable(typeof(Page<CourseHistoryEntry>))]
[JsonSerializable(typeof(CataloguePage))]
// StudyCommands.cs
[JsonSerializable(typeof(Enrol))]
[JsonSerializable(typeof(EnrolPaidStudent))]
[JsonSerializable(typeof(RevokePaidEnrolment))]
[JsonSerializable(typeof(SwitchVersion))]
[JsonSerializable(typeof(CompleteLesson))]
[JsonSerializable(typeof(SavePosition))]
[JsonSerializable(typeof(StartQuizAttempt))]
[JsonSerializable(typeof(SaveAnswers))]
[JsonSerializable(typeof(SubmitQuiz))]
[JsonSerializable(typeof(CloseExpiredAttempt))]
[JsonSerializable(typeof(RevokeCertificate))]
[JsonSerializable(typeof(CreatePath))]
[JsonSerializable(typeof(RevisePath))]
[JsonSerializable(typeof(PublishPath))]
[JsonSerializable(typeof(FollowPath))]
[JsonSerializable(typeof(UnfollowPath))]
// StudyEvents.cs
[JsonSerializable(typeof(StudentEnrolled))]
[JsonSerializable(typeof(PaidStudentEnrolled))]
[JsonSerializable(typeof(PaidEnrolmentRefused))]
[JsonSerializable(typeof(EnrolmentRevoked))]
[JsonSerializable(typeof(VersionSwitched))]
[JsonSerializable(typeof(LessonCompleted))]
[JsonSerializable(typeof(QuizGraded))]
[JsonSerializable(typeof(CourseCompleted))]
[JsonSerializable(typeof(CertificateIssued))]
[JsonSerializable(typeof(CertificateRevoked))]
[JsonSerializable(typeof(PathPublished))]
// StudyViews.cs
[JsonSerializable(typeof(Page<EnrolmentView>))]
[JsonSerializable(typeof(ProgressView))]
[JsonSerializable(typeof(LessonView))]
// QuizViews.cs
[JsonSerializable(typeof(AttemptView))]
[JsonSerializable(typeof(Page<AttemptSummary>))]
[JsonSerializable(typeof(IReadOnlyList<QuestionGrade>))]
// CertificateViews.cs
[JsonSerializable(typeof(Page<CertificateView>))]
[JsonSerializable(typeof(CertificateVerification))]
[JsonSerializable(typeof(CredentialCheck))]
// PathViews.cs
[JsonSerializable(typeof(Page<PathSummary>))]
[JsonSerializable(typeof(PathView))]
[JsonSerializable(typeof(IReadOnlyList<PathStep>))]
// RecommendationViews.cs
[JsonSerializable(typeof(Recommendations))]
// ImportContracts.cs
[JsonSerializable(typeof(CourseImportView))]
public sealed partial class LearningJson : JsonSerializerContext
{
    /// <summary>Camel-cased, as HTTP shows it and as jsonb columns hold it; the default instance is the one of messages.</summary>
    public static LearningJson Web { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web));
}
