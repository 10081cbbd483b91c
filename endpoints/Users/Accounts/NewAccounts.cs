using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

/// <summary>How an account comes to be, by registration, by a provider's word or by the first start.</summary>
static class NewAccounts
{
    /// <summary>Claims the address; false when another account has it.</summary>
    public static async Task<bool> Insert(IMessageHandlerContext context, Guid accountId, string email, string emailNormalised, string? passwordHash, bool verified)
        => await context.Db.ExecuteAsync(
            """
            INSERT INTO users.account (account_id, email, email_normalised, email_verified_at, password_hash, created_at)
            VALUES (@accountId, @email, @emailNormalised, @verifiedAt, @passwordHash, @Now)
            ON CONFLICT ON CONSTRAINT account_email_is_taken DO NOTHING
            """,
            new { accountId, email, emailNormalised, verifiedAt = verified ? context.Now : (DateTimeOffset?)null, passwordHash, context.Now }) == 1;

    /// <summary>Profile, first role, history and event of an account just inserted.</summary>
    public static async Task Complete(IMessageHandlerContext context, Guid accountId, string displayName, string locale, string timeZone)
    {
        await context.Db.ExecuteAsync(
            """
            INSERT INTO users.profile (account_id, display_name, locale, time_zone, updated_at)
            VALUES (@accountId, @displayName, @locale, @timeZone, @Now);

            INSERT INTO users.role_grant (account_id, role, granted_at)
            VALUES (@accountId, 'student', @Now);
            """,
            new { accountId, displayName, locale, timeZone, context.Now });
        await context.Record(accountId, Guid.Empty, "account.registered");
        await context.Publish(new AccountRegistered(accountId, context.Now));
    }
}

/// <summary>An account whose address nobody has proven: nothing that was set there may outlive the proof, or the wrong person keeps a way in.</summary>
static class UnprovenAccount
{
    /// <summary>Takes password and social logins away, and tokens mailed before.</summary>
    public static Task DropCredentials(IMessageHandlerContext context, Guid accountId)
        => context.Db.ExecuteAsync(
            """
            UPDATE users.account
            SET password_hash = NULL
            WHERE account_id = @accountId AND email_verified_at IS NULL;

            DELETE FROM users.social_login
            WHERE account_id = @accountId;

            UPDATE users.account_mail
            SET used_at = @Now
            WHERE account_id = @accountId AND used_at IS NULL;
            """,
            new { accountId, context.Now });

    /// <summary>Somebody else has proven the address: the account that only claimed it loses it, and every way in.</summary>
    public static async Task Void(IMessageHandlerContext context, Guid accountId)
    {
        await DropCredentials(context, accountId);
        await context.Db.ExecuteAsync(
            """
            UPDATE users.account
            SET status = 'voided', email = NULL, email_normalised = NULL, password_hash = NULL
            WHERE account_id = @accountId AND email_verified_at IS NULL
            """,
            new { accountId });
        await context.Record(accountId, Guid.Empty, "account.voided");
    }
}
