using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class PublishCourseHandler : IHandleMessages<PublishCourse>
{
    public async Task Handle(PublishCourse message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await WhyNot(draft, context) is var (kind, code, reason))
        {
            await context.Refuse(kind, code, reason);
            return;
        }

        var edit = await CourseRow.NextEdit(context, message, message.By, message.CourseId);
        await context.Db.ExecuteAsync(
            """
            UPDATE learning.course_version
            SET published_at = @Now, edit = @Edit
            WHERE course_id = @CourseId AND version = @Version;

            UPDATE learning.course
            SET status = 'published', published_version = @Version, draft_version = NULL
            WHERE course_id = @CourseId;
            """,
            new { message.CourseId, draft.Version, Edit = edit, context.Now });
        await CoursePrerequisites.Keep(context, message.CourseId, draft.Details.Prerequisites);
        await CatalogueSql.List(context, message.CourseId);

        var details = draft.Details;
        await context.Publish(new CoursePublished(
            message.CourseId, draft.TutorId, draft.Version, draft.Slug, details.Title, details.Summary, details.Language, details.Level, details.Subjects, details.Price, draft.Lessons, context.Now));
        await context.Reply(new Done(message.CourseId, edit));
    }

    static async Task<(RefusalKind, string, string)?> WhyNot(CourseDraft draft, IMessageHandlerContext context)
    {
        if (!draft.HasChanges)
            return (RefusalKind.Conflict, "course.nothing_to_publish", "Nothing has changed since the course was published.");
        if (draft.Lessons == 0)
            return (RefusalKind.Conflict, "course.has_no_lesson", "A published course has at least one lesson.");
        if (await FirstEmptyQuiz(draft, context) is { } quiz)
            return (RefusalKind.Conflict, "course.quiz_is_empty", $"The quiz “{quiz}” has no question.");
        if (await CoursePrerequisites.FirstUnpublished(context, draft.Details.Prerequisites) is { } prerequisite)
            return (RefusalKind.Conflict, "course.prerequisite_not_published", $"The prerequisite {prerequisite} is not published.");
        return null;
    }

    static async Task<string?> FirstEmptyQuiz(CourseDraft draft, IMessageHandlerContext context)
    {
        var quizzes = draft.Outline.SelectMany(s => s.Lessons).Where(l => l.Kind == LessonKind.Quiz).ToList();
        var empty = await context.Db.QueryFirstOrDefaultAsync<Guid?>(
            """
            SELECT lesson_id
            FROM unnest(@Lessons, @Revisions) AS shown (lesson_id, revision)
            JOIN learning.lesson_revision USING (lesson_id, revision)
            WHERE jsonb_array_length(content -> 'quiz' -> 'questions') = 0
            LIMIT 1
            """,
            new { Lessons = quizzes.Select(l => l.LessonId).ToArray(), Revisions = quizzes.Select(l => l.Revision).ToArray() });
        return quizzes.Find(q => q.LessonId == empty)?.Title;
    }
}
