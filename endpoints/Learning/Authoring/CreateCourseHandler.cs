using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class CreateCourseHandler : IHandleMessages<CreateCourse>
{
    public async Task Handle(CreateCourse message, IMessageHandlerContext context)
    {
        if (await CourseText.Accept(context, message.Details) is not { } details)
            return;
        if (!await Insert(message, details, context))
        {
            await context.Refuse(RefusalKind.Conflict, "course.exists", "There is a course with this id.");
            return;
        }

        if (!await CoursePrerequisites.Add(context, message.By, message.CourseId, details.Prerequisites))
            return;
        await context.Reply(new Done(message.CourseId, 1));
    }

    /// <summary>The course, its first version and its history in one round trip.</summary>
    static async Task<bool> Insert(CreateCourse message, CourseDetails details, IMessageHandlerContext context)
    {
        foreach (var slug in CourseSlug.Candidates(details.Title, message.CourseId))
        {
            // Waits for another transaction that is taking the same slug, and takes the next when that commits.
            var created = await context.Db.ExecuteScalarAsync<long>(
                """
                WITH created AS (
                    INSERT INTO learning.course (course_id, tutor_id, slug, draft_version, created_at)
                    VALUES (@CourseId, @TutorId, @Slug, 1, @Now)
                    ON CONFLICT DO NOTHING
                    RETURNING course_id
                ), versioned AS (
                    INSERT INTO learning.course_version (course_id, version, details)
                    SELECT course_id, 1, @Details::jsonb
                    FROM created
                ), noted AS (
                    INSERT INTO learning.course_history (course_id, actor_id, what, edit, message_id, occurred_at)
                    SELECT course_id, @TutorId, 'CreateCourse', 1, @MessageId, @Now
                    FROM created
                )
                SELECT count(*) FROM created
                """,
                new { message.CourseId, TutorId = message.By.Id, Slug = slug, Details = StoredJson.Write(details), context.MessageId, context.Now });
            if (created == 1)
                return true;
        }

        return false;
    }
}
