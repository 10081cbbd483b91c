using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class DiscardDraftHandler : IHandleMessages<DiscardDraft>
{
    public async Task Handle(DiscardDraft message, IMessageHandlerContext context)
    {
        var course = await CourseRow.Lock(context, message.By, message.CourseId, message.ExpectedEdit);
        if (course is null)
            return;
        if (course.PublishedVersion is not { } published)
        {
            await context.Refuse(RefusalKind.Conflict, "course.never_published", "The course was never published: its draft is all there is.");
            return;
        }

        if (course.DraftVersion is not { } draft)
        {
            await context.Refuse(RefusalKind.Conflict, "course.no_draft", "Nothing has changed since the course was published.");
            return;
        }

        // Its lesson revisions stay: another draft may have taken them over, and they are small.
        var edit = await CourseRow.NextEdit(context, message, message.By, message.CourseId);
        var details = await context.Db.QuerySingleAsync<string>(
            """
            UPDATE learning.course
            SET draft_version = NULL
            WHERE course_id = @CourseId;

            DELETE FROM learning.course_version
            WHERE course_id = @CourseId AND version = @Draft;

            SELECT details::text
            FROM learning.course_version
            WHERE course_id = @CourseId AND version = @Published;
            """,
            new { message.CourseId, Draft = draft, Published = published });
        await CoursePrerequisites.Keep(context, message.CourseId, StoredJson.Read<CourseDetails>(details).Prerequisites);
        await context.Reply(new Done(message.CourseId, edit));
    }
}
