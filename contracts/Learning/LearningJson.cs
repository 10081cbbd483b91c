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
public sealed partial class LearningJson : JsonSerializerContext
{
    /// <summary>Camel-cased, as HTTP shows it and as jsonb columns hold it; the default instance is the one of messages.</summary>
    public static LearningJson Web { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web));
}
