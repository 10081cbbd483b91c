using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class PublishPathHandler : IHandleMessages<PublishPath>
{
    public async Task Handle(PublishPath command, IMessageHandlerContext context)
    {
        if (await OwnPath.Lock(command.PathId, command.By, command.IfVersion, context) is not { } path)
            return;
        if (path.Published)
        {
            await context.Reply(new Done(command.PathId, path.Edit));
            return;
        }

        var courses = (await context.Db.QueryAsync<Step>(
            """
            SELECT s.course_id AS CourseId, c.status = 'published' AS Published
            FROM learning.path_step s
            JOIN learning.course c ON c.course_id = s.course_id
            WHERE s.path_id = @PathId
            ORDER BY s.place
            """,
            new { command.PathId })).AsList();
        if (courses.Find(c => !c.Published) is { } hidden)
        {
            await context.Refuse(RefusalKind.Conflict, "path.course_not_published", $"Course {hidden.CourseId} of the path is not published.");
            return;
        }

        await context.Db.ExecuteAsync(
            """
            WITH published AS (
                UPDATE learning.path
                SET published_at = @Now,
                    edit = edit + 1
                WHERE path_id = @PathId
                RETURNING path_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT path_id, @ActorId, 'PublishPath', @MessageId, @Now
            FROM published
            """,
            new { command.PathId, ActorId = command.By.Id, context.Now, context.MessageId });
        await context.Publish(new PathPublished(command.PathId, path.AuthorId, [.. courses.Select(c => c.CourseId)], context.Now));
        await context.Reply(new Done(command.PathId, path.Edit + 1));
    }

    sealed record Step(Guid CourseId, bool Published);
}
