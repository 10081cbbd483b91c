namespace EdTech.Contracts.Learning;

/// <summary>A tutor begins a course: it exists as draft version 1, seen by nobody else. Refused when a prerequisite is unknown.</summary>
/// <param name="By">The tutor, who owns the course from then on.</param>
/// <param name="CourseId">Made by the gateway.</param>
/// <param name="Details">What the course says of itself.</param>
public sealed record CreateCourse(Actor By, Guid CourseId, CourseDetails Details) : ICommand;

/// <summary>The owner changes what the course says of itself. On a published course this opens the next draft version, as every edit does.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="Details">All details: what is left out is gone.</param>
/// <param name="ExpectedEdit">Refused as stale when the course has had another edit since; null to take whatever is there.</param>
public sealed record ReviseCourseDetails(Actor By, Guid CourseId, CourseDetails Details, long? ExpectedEdit) : ICommand;

/// <summary>The owner adds an empty section.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="SectionId">Made by the gateway.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Position">From 0; null for the end, and so is what lies behind it.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record AddSection(Actor By, Guid CourseId, Guid SectionId, string Title, int? Position, long? ExpectedEdit) : ICommand;

/// <summary>The owner gives a section another title.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="SectionId">Which section.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record RenameSection(Actor By, Guid CourseId, Guid SectionId, string Title, long? ExpectedEdit) : ICommand;

/// <summary>The owner moves a section, with its lessons, to another place.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="SectionId">Which section.</param>
/// <param name="Position">Its place afterwards, from 0; beyond the end is the end.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record MoveSection(Actor By, Guid CourseId, Guid SectionId, int Position, long? ExpectedEdit) : ICommand;

/// <summary>The owner removes a section and its lessons from the draft. Published versions keep them.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="SectionId">Which section.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record RemoveSection(Actor By, Guid CourseId, Guid SectionId, long? ExpectedEdit) : ICommand;

/// <summary>A lesson as its author writes it.</summary>
/// <param name="Kind">What the lesson is. Never changes afterwards.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Minutes">Expected time to study, 1 to 6,000; null when unknown.</param>
/// <param name="FreePreview">Readable without enrolment; videos and articles only.</param>
/// <param name="Content">HTML is sanitised on the way in.</param>
public sealed record LessonDraft(LessonKind Kind, string Title, int? Minutes, bool FreePreview, LessonContent Content);

/// <summary>The owner adds a lesson.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="SectionId">The section that it becomes part of.</param>
/// <param name="LessonId">Made by the gateway.</param>
/// <param name="Position">From 0; null for the end, and so is what lies behind it.</param>
/// <param name="Lesson">The lesson.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record AddLesson(Actor By, Guid CourseId, Guid SectionId, Guid LessonId, int? Position, LessonDraft Lesson, long? ExpectedEdit) : ICommand;

/// <summary>The owner rewrites a lesson. Changed content becomes a new revision; learners of a published version keep theirs.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="LessonId">Which lesson.</param>
/// <param name="Lesson">All of the lesson, of the kind that it has.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record ReviseLesson(Actor By, Guid CourseId, Guid LessonId, LessonDraft Lesson, long? ExpectedEdit) : ICommand;

/// <summary>The owner moves a lesson within its section or to another.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="LessonId">Which lesson.</param>
/// <param name="SectionId">The section where it goes.</param>
/// <param name="Position">Its place there afterwards, from 0; beyond the end is the end.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record MoveLesson(Actor By, Guid CourseId, Guid LessonId, Guid SectionId, int Position, long? ExpectedEdit) : ICommand;

/// <summary>The owner removes a lesson from the draft. Published versions keep it.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="LessonId">Which lesson.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record RemoveLesson(Actor By, Guid CourseId, Guid LessonId, long? ExpectedEdit) : ICommand;

/// <summary>
/// An importer appends lessons to a section, making the section at the end of the outline when it is new. Sent section by section, and in
/// several messages where a section's lessons would not fit into one of about 1 MB.
/// </summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="SectionId">Same for all messages of one section.</param>
/// <param name="Title">Title of a new section; ignored where the section exists.</param>
/// <param name="Lessons">1 to 200, in their order. Lessons that the draft already has are left as they are.</param>
public sealed record AddLessons(Actor By, Guid CourseId, Guid SectionId, string Title, IReadOnlyList<NewLesson> Lessons) : ICommand;

/// <summary>A lesson of <see cref="AddLessons"/>.</summary>
/// <param name="LessonId">Made by the importer.</param>
/// <param name="Lesson">The lesson.</param>
public sealed record NewLesson(Guid LessonId, LessonDraft Lesson);

/// <summary>The owner publishes the draft: its version is frozen, and new learners get it. Refused without a lesson, with an empty quiz and when nothing changed.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record PublishCourse(Actor By, Guid CourseId, long? ExpectedEdit) : ICommand;

/// <summary>The owner or a moderator takes a published course out of the catalogue. Who is enrolled stays so.</summary>
/// <param name="By">The owner or a moderator.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record ArchiveCourse(Actor By, Guid CourseId, long? ExpectedEdit) : ICommand;

/// <summary>An archived course comes back as it was published. A course that a moderator archived comes back by a moderator only.</summary>
/// <param name="By">The owner or a moderator.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record RestoreCourse(Actor By, Guid CourseId, long? ExpectedEdit) : ICommand;

/// <summary>The owner drops all changes since the last publication. Refused on a course that was never published.</summary>
/// <param name="By">The owner.</param>
/// <param name="CourseId">Which course.</param>
/// <param name="ExpectedEdit">As in <see cref="ReviseCourseDetails"/>.</param>
public sealed record DiscardDraft(Actor By, Guid CourseId, long? ExpectedEdit) : ICommand;
