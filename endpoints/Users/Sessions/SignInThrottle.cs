using System.Globalization;
using System.Net;
using Dapper;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EdTech.Users;

/// <summary>
/// Slows guessing down, per account and per address, by a delay that doubles up to a quarter of an hour; nobody is ever locked out for good.
/// An account's attempt is counted before its password is looked at and the count taken back when it was right, so that a hundred
/// guesses made at once count as a hundred. Addresses that have no account are counted like those that have.
/// </summary>
sealed class SignInThrottle(NpgsqlDataSource db, UsersSecrets secrets, IConfiguration configuration, TimeProvider time)
{
    const int FreeForAccount = 5;
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(24);

    // A school behind one address may need more.
    readonly int _freeForAddress = configuration.GetValue("EDTECH_SIGN_IN_FAILURES_PER_ADDRESS", 30);

    /// <summary>How long the caller still has to wait; zero when the attempt may be made, which is then counted.</summary>
    public async Task<TimeSpan> Attempt(string account, IPAddress address, CancellationToken ct)
    {
        var fromAddress = await BlockedFor(AddressKey(address), ct);
        return fromAddress > TimeSpan.Zero ? fromAddress : await Count(AccountKey(account), FreeForAccount, ct);
    }

    /// <summary>The attempt was a wrong guess: the address pays too.</summary>
    public Task Failed(IPAddress address, CancellationToken ct) => Count(AddressKey(address), _freeForAddress, ct);

    /// <summary>The caller has proven who they are: the account's count starts anew.</summary>
    public async Task Succeeded(string account, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition("DELETE FROM users.throttle WHERE key = @key", new { key = AccountKey(account) }, cancellationToken: ct));
    }

    async Task<TimeSpan> BlockedFor(byte[] key, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var until = await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition("SELECT blocked_until FROM users.throttle WHERE key = @key", new { key }, cancellationToken: ct));
        return until is { } instant && instant > time.GetUtcNow().UtcDateTime ? instant - time.GetUtcNow().UtcDateTime : TimeSpan.Zero;
    }

    async Task<TimeSpan> Count(byte[] key, int free, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var connection = await db.OpenConnectionAsync(ct);
        // No row comes back while the key is blocked: attempts made meanwhile do not lengthen the wait.
        var counted = await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            $"""
            INSERT INTO users.throttle AS t (key, failures, last_at, blocked_until)
            VALUES (@key, 1, @now, to_timestamp(0))
            ON CONFLICT (key) DO UPDATE
            SET failures = {Failures},
                last_at = @now,
                blocked_until = CASE
                    WHEN {Failures} < @free THEN t.blocked_until
                    ELSE @now + make_interval(secs => LEAST(@longest, power(2, LEAST({Failures} - @free, 20))))
                END
            WHERE t.blocked_until <= @now
            RETURNING failures
            """,
            new { key, now, free, longest = Longest.TotalSeconds, forgotten = now - ForgottenAfter },
            cancellationToken: ct));
        return counted is not null ? TimeSpan.Zero : Max(TimeSpan.FromSeconds(1), await BlockedFor(key, ct));
    }

    // A count that rested for a day starts anew.
    const string Failures = "(CASE WHEN t.last_at < @forgotten THEN 1 ELSE t.failures + 1 END)";

    byte[] AccountKey(string account) => secrets.ThrottleKey($"account {account}");

    byte[] AddressKey(IPAddress address) => secrets.ThrottleKey(string.Create(CultureInfo.InvariantCulture, $"address {(address.GetAddressBytes().Length == 16 ? CredentialRoute.NetworkOf(address) : address.ToString())}"));

    static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
