using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

/// <summary>Ends sessions before their time; who checks access tokens hears of each.</summary>
static class SessionRevocation
{
    public static async Task RevokeAll(IMessageHandlerContext context, Guid accountId, string reason, Guid? except = null)
    {
        var revoked = await context.Db.QueryAsync<Guid>(
            """
            UPDATE users.session
            SET revoked_at = @Now, revoked_reason = @reason
            WHERE account_id = @accountId AND revoked_at IS NULL AND expires_at > @Now AND session_id IS DISTINCT FROM @except
            RETURNING session_id
            """,
            new { accountId, reason, except, context.Now });
        foreach (var sessionId in revoked)
        {
            await context.Publish(new SessionRevoked(sessionId, accountId, context.Now));
        }
    }

    /// <summary>Ends one session of this account; false when it has no such session, true also when it ended before.</summary>
    public static async Task<bool> Revoke(IMessageHandlerContext context, Guid accountId, Guid sessionId, string reason)
    {
        var revoked = await context.Db.ExecuteAsync(
            """
            UPDATE users.session
            SET revoked_at = @Now, revoked_reason = @reason
            WHERE session_id = @sessionId AND account_id = @accountId AND revoked_at IS NULL
            """,
            new { sessionId, accountId, reason, context.Now });
        if (revoked == 1)
        {
            await context.Publish(new SessionRevoked(sessionId, accountId, context.Now));
            return true;
        }

        return await context.Db.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM users.session WHERE session_id = @sessionId AND account_id = @accountId)", new { sessionId, accountId });
    }
}
