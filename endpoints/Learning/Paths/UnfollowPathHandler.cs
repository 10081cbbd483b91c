using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class UnfollowPathHandler : IHandleMessages<UnfollowPath>
{
    public async Task Handle(UnfollowPath command, IMessageHandlerContext context)
    {
        var known = await context.Db.ExecuteScalarAsync<bool>(
            """
            WITH unfollowed AS (
                DELETE FROM learning.path_follower
                WHERE path_id = @PathId AND student_id = @StudentId
                RETURNING path_id
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT path_id, @StudentId, 'UnfollowPath', @MessageId, @Now
                FROM unfollowed
            )
            SELECT EXISTS (SELECT 1 FROM learning.path WHERE path_id = @PathId AND published_at IS NOT NULL)
            """,
            new { command.PathId, StudentId = command.By.Id, context.Now, context.MessageId });

        if (known)
            await context.Reply(new Done(command.PathId));
        else
            await context.Refuse(RefusalKind.NotFound, "path.not_found", "There is no such learning path.");
    }
}
