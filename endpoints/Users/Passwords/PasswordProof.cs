using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace EdTech.Users;

/// <summary>Asks a signed-in person for their password again. A stolen access token must not guess it, so attempts are counted as at sign-in.</summary>
sealed class PasswordProof(NpgsqlDataSource db, PasswordHasher hasher, SignInThrottle throttle)
{
    /// <summary>Compares the password. An account without one has nothing to compare: <see cref="ProvenPassword.HasPassword"/> tells.</summary>
    public async Task<ProvenPassword> Check(HttpContext http, Guid accountId, string? password, CancellationToken ct)
    {
        var account = await Load(accountId, ct);
        if (account is null or { PasswordHash: null })
        {
            return new() { EmailNormalised = account?.EmailNormalised, DisplayName = account?.DisplayName };
        }

        var throttled = account.EmailNormalised ?? accountId.ToString();
        var wait = await throttle.Attempt(throttled, http.ClientAddress(), ct);
        if (wait > TimeSpan.Zero)
        {
            return new() { Wait = wait };
        }

        var right = await hasher.Verify(password ?? "", account.PasswordHash, ct);
        if (right)
        {
            await throttle.Succeeded(throttled, ct);
        }
        else
        {
            await throttle.Failed(http.ClientAddress(), ct);
        }

        return new() { Right = right, HasPassword = true, PasswordHash = account.PasswordHash, EmailNormalised = account.EmailNormalised, DisplayName = account.DisplayName };
    }

    /// <summary>Says what was wrong with the password.</summary>
    public static Task Refuse(IMessageHandlerContext context, ProvenPassword proven)
        => proven.HasPassword
            ? context.Refuse(RefusalKind.Invalid, "password.wrong", "The password is wrong.")
            : context.Refuse(RefusalKind.Conflict, "password.not_set", "The account has no password. Set one by asking for a password reset.");

    async Task<Account?> Load(Guid accountId, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<Account>(new CommandDefinition(
            """
            SELECT a.email_normalised, a.password_hash, p.display_name
            FROM users.account a
            JOIN users.profile p USING (account_id)
            WHERE a.account_id = @accountId AND a.status = 'active'
            """,
            new { accountId },
            cancellationToken: ct));
    }

    sealed record Account
    {
        public string? EmailNormalised { get; init; }

        public string? PasswordHash { get; init; }

        public string DisplayName { get; init; } = "";
    }
}

/// <summary>What came of asking for the password.</summary>
sealed record ProvenPassword
{
    public bool Right { get; init; }

    public bool HasPassword { get; init; }

    /// <summary>Longer than nothing when too many were tried.</summary>
    public TimeSpan Wait { get; init; }

    public string? PasswordHash { get; init; }

    public string? EmailNormalised { get; init; }

    public string? DisplayName { get; init; }
}
