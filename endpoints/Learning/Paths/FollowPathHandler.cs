using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class FollowPathHandler : IHandleMessages<FollowPath>
{
    public async Task Handle(FollowPath command, IMessageHandlerContext context)
    {
        var published = await context.Db.ExecuteScalarAsync<bool>(
            """
            WITH path AS (
                SELECT path_id
                FROM learning.path
                WHERE path_id = @PathId AND published_at IS NOT NULL
            ), followed AS (
                INSERT INTO learning.path_follower (path_id, student_id, followed_at)
                SELECT path_id, @StudentId, @Now
                FROM path
                ON CONFLICT DO NOTHING
                RETURNING path_id
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT path_id, @StudentId, 'FollowPath', @MessageId, @Now
                FROM followed
            )
            SELECT EXISTS (SELECT 1 FROM path)
            """,
            new { command.PathId, StudentId = command.By.Id, context.Now, context.MessageId });

        if (published)
            await context.Reply(new Done(command.PathId));
        else
            await context.Refuse(RefusalKind.NotFound, "path.not_found", "There is no such learning path.");
    }
}
