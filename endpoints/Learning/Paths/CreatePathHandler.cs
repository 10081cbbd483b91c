using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class CreatePathHandler : IHandleMessages<CreatePath>
{
    public async Task Handle(CreatePath command, IMessageHandlerContext context)
    {
        if (!command.By.May("paths.author"))
        {
            await context.Refuse(RefusalKind.Forbidden, "path.author_only", "Learning paths are made by tutors.");
            return;
        }

        if (await PathSteps.Refused(command.Steps, context))
            return;

        await context.Db.ExecuteAsync(
            """
            WITH created AS (
                INSERT INTO learning.path (path_id, author_id, title, summary, created_at)
                VALUES (@PathId, @AuthorId, @Title, @Summary, @Now)
                RETURNING path_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT path_id, @AuthorId, 'CreatePath', @MessageId, @Now
            FROM created
            """,
            new { command.PathId, AuthorId = command.By.Id, command.Title, command.Summary, context.Now, context.MessageId });
        await PathSteps.Store(command.PathId, command.Steps, context);
        await context.Reply(new Done(command.PathId, 1));
    }
}
