using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

static class RoleGrants
{
    public enum Outcome
    {
        Granted,
        HadIt,
        NoSuchAccount,
    }

    public static async Task<Outcome> Grant(IMessageHandlerContext context, Guid accountId, string role, Actor by)
    {
        var known = await context.Db.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM users.account WHERE account_id = @accountId AND status <> 'voided')", new { accountId });
        if (!known)
        {
            return Outcome.NoSuchAccount;
        }

        var granted = await context.Db.ExecuteAsync(
            """
            INSERT INTO users.role_grant (account_id, role, granted_at, granted_by)
            VALUES (@accountId, @role, @Now, @grantedBy)
            ON CONFLICT (account_id, role) DO NOTHING
            """,
            new { accountId, role, context.Now, grantedBy = by.Id == Guid.Empty ? (Guid?)null : by.Id });
        if (granted == 0)
        {
            return Outcome.HadIt;
        }

        await context.Record(accountId, by, "role.granted", ("role", role));
        await context.Publish(new RoleGranted(accountId, role, context.Now));
        return Outcome.Granted;
    }

    /// <summary>Whether the platform would be left without an administrator who can act. Serialises all who ask.</summary>
    public static async Task<bool> IsLastAdmin(IMessageHandlerContext context, Guid accountId)
    {
        await context.Db.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended('users.admins', 0))");
        return await context.Db.ExecuteScalarAsync<bool>(
            """
            SELECT bool_or(account_id = @accountId) AND count(*) = 1
            FROM users.role_grant
            JOIN users.account USING (account_id)
            WHERE role = 'admin' AND status = 'active'
            """,
            new { accountId });
    }
}
