using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>
/// A course that is being edited: its row is locked until the commit, so edits of one course follow each other. Editing a published course
/// begins the next version with the outline of the published one.
/// </summary>
sealed class CourseDraft
{
    readonly CourseRow _course;

    CourseDraft(CourseRow course, CourseDetails details, List<OutlineSection> outline)
    {
        _course = course;
        Slug = course.Slug;
        Details = details;
        Outline = outline;
    }

    public Guid CourseId => _course.CourseId;

    public Guid TutorId => _course.TutorId;

    public bool HasChanges => _course.DraftVersion is not null;

    public bool WasPublished => _course.PublishedVersion is not null;

    public int Version => _course.DraftVersion ?? _course.PublishedVersion + 1 ?? 1;

    public string Slug { get; set; }

    public CourseDetails Details { get; set; }

    public List<OutlineSection> Outline { get; }

    public int Lessons => Outline.Sum(s => s.Lessons.Count);

    /// <summary>Locks a course and loads what is to be edited.</summary>
    /// <returns>Null when the handler has been refused and has nothing more to do.</returns>
    public static async Task<CourseDraft?> Open(IMessageHandlerContext context, Actor by, Guid courseId, long? expectedEdit)
    {
        var course = await CourseRow.Lock(context, by, courseId, expectedEdit);
        if (course is null)
            return null;
        if (course.Status is "archived")
        {
            await context.Refuse(RefusalKind.Conflict, "course.archived", "The course is archived. Restore it before changing it.");
            return null;
        }

        var (details, outline) = await context.Db.QuerySingleAsync<(string, string)>(
            """
            SELECT details::text, outline::text
            FROM learning.course_version
            WHERE course_id = @CourseId AND version = @Version
            """,
            new { CourseId = courseId, Version = course.DraftVersion ?? course.PublishedVersion });
        return new CourseDraft(course, StoredJson.Read<CourseDetails>(details), [.. StoredJson.Read<IReadOnlyList<OutlineSection>>(outline)]);
    }

    /// <summary>Where a section is in the outline.</summary>
    /// <returns>Null when the handler has been refused: there is no such section.</returns>
    public async Task<int?> FindSection(IMessageHandlerContext context, Guid sectionId)
    {
        var at = Outline.FindIndex(s => s.SectionId == sectionId);
        if (at >= 0)
            return at;
        await context.Refuse(RefusalKind.NotFound, "section.unknown", "The course has no such section.");
        return null;
    }

    /// <summary>Where a lesson is: its section and its place there.</summary>
    /// <returns>Null when the handler has been refused: there is no such lesson.</returns>
    public async Task<(int Section, int Lesson)?> FindLesson(IMessageHandlerContext context, Guid lessonId)
    {
        for (var s = 0; s < Outline.Count; s++)
        {
            for (var l = 0; l < Outline[s].Lessons.Count; l++)
            {
                if (Outline[s].Lessons[l].LessonId == lessonId)
                    return (s, l);
            }
        }

        await context.Refuse(RefusalKind.NotFound, "lesson.unknown", "The course has no such lesson.");
        return null;
    }

    /// <summary>Whether the draft has room for more lessons in a section that then holds this many.</summary>
    /// <returns>False when the handler has been refused.</returns>
    public async Task<bool> HasRoom(IMessageHandlerContext context, int lessonsOfSection, int added)
    {
        if (lessonsOfSection <= CourseRules.MaxLessonsPerSection && Lessons + added <= CourseRules.MaxLessons)
            return true;
        await context.Refuse(RefusalKind.Invalid, "course.too_large", $"A section has at most {CourseRules.MaxLessonsPerSection} lessons, a course {CourseRules.MaxLessons}.");
        return false;
    }

    public void SetLessons(int section, IReadOnlyList<OutlineLesson> lessons) => Outline[section] = Outline[section] with { Lessons = lessons };

    /// <summary>Stores the draft, writes the audit trail and replies with the new edit.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="command">What was ordered.</param>
    /// <param name="by">Who ordered it.</param>
    /// <param name="changed">The section or lesson that the reply names; the course itself by default.</param>
    public async Task Save(IMessageHandlerContext context, ICommand command, Actor by, Guid? changed = null)
    {
        var edit = await CourseRow.NextEdit(context, command, by, CourseId);
        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_version (course_id, version, details, outline, edit)
            VALUES (@CourseId, @Version, @Details::jsonb, @Outline::jsonb, @Edit)
            ON CONFLICT (course_id, version) DO UPDATE
            SET details = excluded.details,
                outline = excluded.outline,
                edit = excluded.edit
            """,
            new { CourseId, Version, Details = StoredJson.Write(Details), Outline = StoredJson.Write<IReadOnlyList<OutlineSection>>(Outline), Edit = edit });
        await context.Db.ExecuteAsync(
            """
            UPDATE learning.course
            SET draft_version = @Version
            WHERE course_id = @CourseId AND draft_version IS DISTINCT FROM @Version
            """,
            new { CourseId, Version });
        await context.Reply(new Done(changed ?? CourseId, edit));
    }
}

/// <summary>The row of a course, locked until the commit.</summary>
sealed record CourseRow(Guid CourseId, Guid TutorId, string Slug, string Status, int? DraftVersion, int? PublishedVersion, long Edit, Guid? ArchivedBy)
{
    /// <summary>Locks the course for its owner or, where <paramref name="moderatorsToo"/>, a moderator. Others learn of it only what the catalogue shows.</summary>
    /// <returns>Null when the handler has been refused and has nothing more to do.</returns>
    public static async Task<CourseRow?> Lock(IMessageHandlerContext context, Actor by, Guid courseId, long? expectedEdit, bool moderatorsToo = false)
    {
        // NO KEY: enrolments and prerequisites that refer to the course need not wait for its author.
        var course = await context.Db.QuerySingleOrDefaultAsync<CourseRow>(
            """
            SELECT course_id AS CourseId, tutor_id AS TutorId, slug AS Slug, status AS Status, draft_version AS DraftVersion,
                   published_version AS PublishedVersion, edit AS Edit, archived_by AS ArchivedBy
            FROM learning.course
            WHERE course_id = @CourseId
            FOR NO KEY UPDATE
            """,
            new { CourseId = courseId });

        var moderator = by.May("courses.moderate");
        if (course is null || (course.TutorId != by.Id && course.Status is not "published" && !moderator))
        {
            await context.Refuse(RefusalKind.NotFound, "course.unknown", "There is no such course.");
            return null;
        }

        if (course.TutorId != by.Id && !(moderatorsToo && moderator))
        {
            await context.Refuse(RefusalKind.Forbidden, "course.not_yours", "Only the tutor who owns the course can do this.");
            return null;
        }

        if (expectedEdit is { } expected && expected != course.Edit)
        {
            await context.Refuse(RefusalKind.Stale, "course.stale", $"The course was changed in the meantime: it is at edit {course.Edit}, not {expected}. Read it again.");
            return null;
        }

        return course;
    }

    /// <summary>Counts an edit and writes who did what to the audit trail.</summary>
    public static async Task<long> NextEdit(IMessageHandlerContext context, ICommand command, Actor by, Guid courseId)
        => await context.Db.ExecuteScalarAsync<long>(
            """
            WITH edited AS (
                UPDATE learning.course
                SET edit = edit + 1
                WHERE course_id = @CourseId
                RETURNING edit
            )
            INSERT INTO learning.course_history (course_id, actor_id, what, edit, message_id, occurred_at)
            SELECT @CourseId, @ActorId, @What, edit, @MessageId, @Now
            FROM edited
            RETURNING edit
            """,
            new { CourseId = courseId, ActorId = by.Id, What = command.GetType().Name, context.MessageId, context.Now });
}
