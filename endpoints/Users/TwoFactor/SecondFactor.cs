using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using EdTech.Hosting;
using Npgsql;
using OtpNet;

namespace EdTech.Users;

/// <summary>Checks and uses up codes of authenticators (RFC 6238) and recovery codes. Each works once, whoever tries it twice at once.</summary>
sealed class SecondFactor(UsersSecrets secrets)
{
    public const int RecoveryCodes = 10;

    // No vowels and nothing that looks like something else: codes are copied by hand.
    const string CodeAlphabet = "23456789BCDFGHJKMNPQRSTVWXYZ";

    public static async Task<bool> IsOn(NpgsqlConnection db, Guid accountId)
        => await db.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM users.totp WHERE account_id = @accountId AND confirmed_at IS NOT NULL)", new { accountId });

    /// <summary>Uses the code up: <c>otp</c> or <c>recovery</c>, or null when it is wrong.</summary>
    public async Task<string?> Take(IMessageHandlerContext context, Guid accountId, string code)
    {
        var plain = Plain(code);
        if (plain is { Length: 6 } && plain.All(char.IsAsciiDigit))
        {
            return await TakeStep(context, accountId, plain, confirmed: true) ? "otp" : null;
        }

        var taken = await context.Db.ExecuteAsync(
            """
            UPDATE users.recovery_code
            SET used_at = @Now
            WHERE account_id = @accountId AND code_hash = @hash AND used_at IS NULL
            """,
            new { accountId, hash = secrets.RecoveryCodeHash(accountId, plain), context.Now });
        if (taken == 0)
        {
            return null;
        }

        await context.Record(accountId, accountId, "two_factor.recovery_code_used");
        return "recovery";
    }

    /// <summary>Uses up the time step of a code; <paramref name="confirmed"/> tells whether the authenticator must be in use already, or must not.</summary>
    public async Task<bool> TakeStep(IMessageHandlerContext context, Guid accountId, string code, bool confirmed)
    {
        var box = await context.Db.ExecuteScalarAsync<byte[]?>(
            """
            SELECT secret
            FROM users.totp
            WHERE account_id = @accountId AND (confirmed_at IS NOT NULL) = @confirmed
            FOR UPDATE
            """,
            new { accountId, confirmed });
        if (box is null)
        {
            return false;
        }

        var totp = new Totp(secrets.Open(box, Purpose(accountId)));
        return totp.VerifyTotp(context.Now.UtcDateTime, code, out var step, new VerificationWindow(previous: 1, future: 1))
            && await context.Db.ExecuteAsync(
                """
                UPDATE users.totp
                SET last_step = @step, confirmed_at = COALESCE(confirmed_at, @Now)
                WHERE account_id = @accountId AND last_step < @step
                """,
                new { accountId, step, context.Now }) == 1;
    }

    /// <summary>Replaces the recovery codes and gives the new ones, which are not to be had again.</summary>
    public async Task<IReadOnlyList<string>> NewRecoveryCodes(IMessageHandlerContext context, Guid accountId)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RandomNumberGenerator.GetString(CodeAlphabet, 12)).ToArray();
        await context.Db.ExecuteAsync("DELETE FROM users.recovery_code WHERE account_id = @accountId", new { accountId });
        await context.Db.ExecuteAsync(
            """
            INSERT INTO users.recovery_code (account_id, code_hash)
            SELECT @accountId, hash
            FROM unnest(@hashes) AS hash
            """,
            new { accountId, hashes = codes.Select(c => secrets.RecoveryCodeHash(accountId, c)).ToArray() });
        return [.. codes.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c[..4]}-{c[4..8]}-{c[8..]}"))];
    }

    /// <summary>Binds a sealed secret to its account.</summary>
    public static string Purpose(Guid accountId) => $"totp {accountId}";

    static string Plain(string code) => new([.. code.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant)]);
}
