using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class ArchiveCourseHandler : IHandleMessages<ArchiveCourse>
{
    public async Task Handle(ArchiveCourse message, IMessageHandlerContext context)
    {
        var course = await CourseRow.Lock(context, message.By, message.CourseId, message.ExpectedEdit, moderatorsToo: true);
        if (course is null)
            return;
        if (course.Status is not "published")
        {
            await context.Refuse(RefusalKind.Conflict, "course.not_published", "Only a published course can be archived.");
            return;
        }

        var edit = await CourseRow.NextEdit(context, message, message.By, message.CourseId);
        await context.Db.ExecuteAsync(
            """
            UPDATE learning.course
            SET status = 'archived', archived_by = @ActorId
            WHERE course_id = @CourseId
            """,
            new { message.CourseId, ActorId = message.By.Id });
        await CatalogueSql.Unlist(context, message.CourseId);
        await context.Publish(new CourseArchived(message.CourseId, course.TutorId, context.Now));
        await context.Reply(new Done(message.CourseId, edit));
    }
}
