using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RevisePathHandler : IHandleMessages<RevisePath>
{
    public async Task Handle(RevisePath command, IMessageHandlerContext context)
    {
        if (await OwnPath.Lock(command.PathId, command.By, command.IfVersion, context) is not { } path || await PathSteps.Refused(command.Steps, context))
            return;

        await context.Db.ExecuteAsync(
            """
            WITH revised AS (
                UPDATE learning.path
                SET title = @Title,
                    summary = @Summary,
                    edit = edit + 1
                WHERE path_id = @PathId
                RETURNING path_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT path_id, @ActorId, 'RevisePath', @MessageId, @Now
            FROM revised
            """,
            new { command.PathId, command.Title, command.Summary, ActorId = command.By.Id, context.Now, context.MessageId });
        await PathSteps.Store(command.PathId, command.Steps, context);

        if (path.Published)
            await context.Publish(new PathPublished(command.PathId, path.AuthorId, [.. command.Steps.Select(s => s.CourseId)], context.Now));
        await context.Reply(new Done(command.PathId, path.Edit + 1));
    }
}
