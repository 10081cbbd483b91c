using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RestoreCourseHandler : IHandleMessages<RestoreCourse>
{
    public async Task Handle(RestoreCourse message, IMessageHandlerContext context)
    {
        var course = await CourseRow.Lock(context, message.By, message.CourseId, message.ExpectedEdit, moderatorsToo: true);
        if (course is null)
            return;
        if (course is not { Status: "archived", PublishedVersion: { } version })
        {
            await context.Refuse(RefusalKind.Conflict, "course.not_archived", "Only an archived course can be restored.");
            return;
        }

        if (course.ArchivedBy != course.TutorId && !message.By.May("courses.moderate"))
        {
            await context.Refuse(RefusalKind.Forbidden, "course.archived_by_moderator", "A moderator archived the course, and only a moderator can restore it.");
            return;
        }

        var edit = await CourseRow.NextEdit(context, message, message.By, message.CourseId);
        await context.Db.ExecuteAsync(
            """
            UPDATE learning.course
            SET status = 'published', archived_by = NULL
            WHERE course_id = @CourseId
            """,
            new { message.CourseId });
        await CatalogueSql.List(context, message.CourseId);
        await context.Publish(new CourseRestored(message.CourseId, course.TutorId, version, context.Now));
        await context.Reply(new Done(message.CourseId, edit));
    }
}
