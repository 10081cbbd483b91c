using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>Lesson content, kept in revisions that never change.</summary>
static class LessonRevision
{
    /// <summary>Stores content as the lesson's next revision, or finds that it is what the latest one says.</summary>
    /// <returns>The lesson as the outline shows it.</returns>
    public static async Task<OutlineLesson> Write(IMessageHandlerContext context, Guid courseId, Guid lessonId, LessonDraft lesson)
    {
        var revision = await context.Db.ExecuteScalarAsync<int>(
            """
            WITH latest AS (
                SELECT revision, content
                FROM learning.lesson_revision
                WHERE lesson_id = @LessonId
                ORDER BY revision DESC
                LIMIT 1
            ), added AS (
                INSERT INTO learning.lesson_revision (lesson_id, revision, course_id, content, created_at)
                SELECT @LessonId, coalesce((SELECT revision FROM latest), 0) + 1, @CourseId, @Content::jsonb, @Now
                WHERE NOT EXISTS (SELECT 1 FROM latest WHERE content = @Content::jsonb)
                RETURNING revision
            )
            SELECT coalesce((SELECT revision FROM added), (SELECT revision FROM latest))
            """,
            new { LessonId = lessonId, CourseId = courseId, Content = StoredJson.Write(lesson.Content), context.Now });
        return new OutlineLesson(lessonId, revision, lesson.Kind, lesson.Title, lesson.Minutes, lesson.FreePreview);
    }
}
