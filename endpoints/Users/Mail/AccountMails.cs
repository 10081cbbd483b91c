using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using EdTech.Hosting;

namespace EdTech.Users;

/// <summary>What a mail to an account holder is for; also what the token in it opens.</summary>
static class MailPurpose
{
    public const string Verify = "verify";
    public const string Reset = "reset";

    /// <summary>The address was registered twice before anybody proved it theirs: whoever reads the mail sets the password.</summary>
    public const string Claim = "claim";

    public const string AlreadyRegistered = "already_registered";
    public const string PasswordChanged = "password_changed";
    public const string TwoFactorOn = "two_factor_on";
    public const string TwoFactorOff = "two_factor_off";
    public const string SocialLinked = "social_linked";

    public static TimeSpan Lifetime(string purpose) => purpose is Verify or Claim ? TimeSpan.FromHours(24) : TimeSpan.FromMinutes(30);
}

/// <summary>Local: have this mail sent. Carries the id alone; the rest is read when it is sent.</summary>
sealed record SendAccountMail(Guid MailId);

static class AccountMails
{
    // Whoever asks again and again, or for somebody else, must not fill a mailbox.
    const int MostPerHour = 5;

    /// <summary>Orders a mail in the transaction at hand. More than a handful of one kind within an hour are not sent.</summary>
    public static async Task OrderMail(this IMessageHandlerContext context, Guid accountId, string purpose)
    {
        var mailId = Guid.CreateVersion7(context.Now);
        // Locked, or orders made at once would not count each other.
        await context.LockAccount(accountId);
        var ordered = await context.Db.ExecuteAsync(
            """
            INSERT INTO users.account_mail (mail_id, account_id, purpose, created_at, expires_at)
            SELECT @mailId, @accountId, @purpose, @Now, @expiresAt
            WHERE (
                SELECT count(*)
                FROM users.account_mail
                WHERE account_id = @accountId AND purpose = @purpose AND created_at > @since
            ) < @MostPerHour
            """,
            new { mailId, accountId, purpose, context.Now, expiresAt = context.Now + MailPurpose.Lifetime(purpose), since = context.Now.AddHours(-1), MostPerHour });
        if (ordered == 1)
        {
            await context.SendLocal(new SendAccountMail(mailId));
        }
    }

    /// <summary>The token in a mail: the mail's id and a proof that we wrote it.</summary>
    public static string Token(UsersSecrets secrets, Guid mailId, Guid accountId, string purpose)
        => Base64Url.EncodeToString([.. mailId.ToByteArray(bigEndian: true), .. secrets.OneTimeTokenMac(mailId, accountId, purpose)]);

    /// <summary>The mail whose token this is, its account locked; a refusal when it is none, was used, or came too late.</summary>
    public static async Task<OneTimeToken?> TakeToken(this IMessageHandlerContext context, UsersSecrets secrets, string token, params string[] purposes)
    {
        var found = await Find(context.Db, secrets, token, purposes);
        if (found is not null)
        {
            // Read again behind the lock: somebody may have used it at this moment.
            await context.LockAccount(found.AccountId);
            found = await Find(context.Db, secrets, token, purposes);
        }

        switch (found)
        {
            case null:
                await context.Refuse(Contracts.RefusalKind.Invalid, "token.invalid", "The token is not one that we mailed for this.");
                return null;
            case { Used: true }:
                await context.Refuse(Contracts.RefusalKind.Invalid, "token.used", "The token has been used. Ask for another mail.");
                return null;
            case { } known when known.ExpiresAt <= context.Now.UtcDateTime:
                await context.Refuse(Contracts.RefusalKind.Invalid, "token.expired", "The token has expired. Ask for another mail.");
                return null;
            default:
                await context.Db.ExecuteAsync("UPDATE users.account_mail SET used_at = @Now WHERE mail_id = @MailId", new { context.Now, found.MailId });
                return found;
        }
    }

    /// <summary>The mail whose token this is, whatever has become of it; null when we mailed no such token for any of these purposes.</summary>
    public static async Task<OneTimeToken?> Find(Npgsql.NpgsqlConnection db, UsersSecrets secrets, string token, string[] purposes)
    {
        var bytes = new byte[48];
        if (token.Length != 64 || !Base64Url.TryDecodeFromChars(token, bytes, out var written) || written != bytes.Length)
        {
            return null;
        }

        var found = await db.QuerySingleOrDefaultAsync<OneTimeToken>(
            """
            SELECT mail_id, account_id, purpose, expires_at, used_at IS NOT NULL AS Used
            FROM users.account_mail
            WHERE mail_id = @mailId AND purpose = ANY(@purposes)
            """,
            new { mailId = new Guid(bytes.AsSpan(0, 16), bigEndian: true), purposes });
        return found is not null && CryptographicOperations.FixedTimeEquals(secrets.OneTimeTokenMac(found.MailId, found.AccountId, found.Purpose), bytes.AsSpan(16)) ? found : null;
    }
}

/// <summary>A mail that held a token.</summary>
sealed record OneTimeToken
{
    public Guid MailId { get; init; }

    public Guid AccountId { get; init; }

    public string Purpose { get; init; } = "";

    public DateTime ExpiresAt { get; init; }

    public bool Used { get; init; }
}
