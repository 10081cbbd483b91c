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

        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_version (course_id, version, details)
            VALUES (@CourseId, 1, @Details::jsonb)
            """,
            new { message.CourseId, Details = StoredJson.Write(details) });
        if (!await CoursePrerequisites.Add(context, message.By, message.CourseId, details.Prerequisites))
            return;

        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_history (course_id, actor_id, what, edit, message_id, occurred_at)
            VALUES (@CourseId, @ActorId, 'CreateCourse', 1, @MessageId, @Now)
            """,
            new { message.CourseId, ActorId = message.By.Id, context.MessageId, context.Now });
        await context.Reply(new Done(message.CourseId, 1));
    }

    static async Task<bool> Insert(CreateCourse message, CourseDetails details, IMessageHandlerContext context)
    {
        foreach (var slug in CourseSlug.Candidates(details.Title, message.CourseId))
        {
            // Waits for another transaction that is taking the same slug, and takes the next when that commits.
            var inserted = await context.Db.ExecuteAsync(
                """
                INSERT INTO learning.course (course_id, tutor_id, slug, draft_version, created_at)
                VALUES (@CourseId, @TutorId, @Slug, 1, @Now)
                ON CONFLICT DO NOTHING
                """,
                new { message.CourseId, TutorId = message.By.Id, Slug = slug, context.Now });
            if (inserted == 1)
                return true;
        }

        return false;
    }
}
