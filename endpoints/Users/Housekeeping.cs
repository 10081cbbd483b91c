using Dapper;
using EdTech.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdTech.Users;

/// <summary>
/// Removes what has expired, in chunks, and renews the signing key in time. Of several instances one does it at a time.
/// </summary>
sealed class Housekeeping(NpgsqlDataSource db, ITransactionalSession session, SigningKeys keys, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    const int Chunk = 1000;
    static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    // A registration that nobody verifies gives the address back.
    static readonly TimeSpan ClaimsLast = TimeSpan.FromDays(7);

    // Ended sessions stay visible in exports, and their spent tokens recognisable, for a while.
    static readonly TimeSpan EndedSessionsStay = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                // The next round finds the same rows again; a database that is away must not end the endpoint.
                log.LogWarning(exception, "Housekeeping of users was interrupted and goes on in {Minutes} minutes", Every.TotalMinutes);
            }
        }
    }

    /// <summary>One round; nothing when another instance is at it.</summary>
    public async Task Sweep(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT pg_try_advisory_lock(hashtextextended('users.housekeeping', 0))", cancellationToken: ct)))
        {
            return;
        }

        try
        {
            await RemoveExpired(connection, ct);
            await VoidClaims(ct);
            await RenewSigningKey(connection, ct);
        }
        finally
        {
            await connection.ExecuteAsync("SELECT pg_advisory_unlock(hashtextextended('users.housekeeping', 0))");
        }
    }

    async Task RemoveExpired(NpgsqlConnection connection, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await Remove(connection, "account_mail", "mail_id", "expires_at < @before", now.AddDays(-7), ct);
        await Remove(connection, "mail_request", "request_id", "requested_at < @before", now.AddDays(-1), ct);
        await Remove(connection, "used_id_token", "token_hash", "expires_at < @before", now, ct);
        await Remove(connection, "throttle", "key", "last_at < @before", now.AddDays(-1), ct);
        await Remove(connection, "session", "session_id", "expires_at < @before", now - EndedSessionsStay, ct);
        await Remove(connection, "session", "session_id", "revoked_at < @before", now - EndedSessionsStay, ct);
        await Remove(
            connection,
            "signing_key",
            "key_id",
            "EXISTS (SELECT FROM users.signing_key later WHERE later.activates_at > e.activates_at AND later.activates_at < @before)",
            now - SigningKeys.PublishedAfter,
            ct);
    }

    static async Task Remove(NpgsqlConnection connection, string table, string key, string expired, DateTimeOffset before, CancellationToken ct)
    {
        while (await connection.ExecuteAsync(new CommandDefinition(
            $"""
            DELETE FROM users.{table}
            WHERE {key} IN (SELECT e.{key} FROM users.{table} e WHERE {expired} LIMIT {Chunk})
            """,
            new { before },
            cancellationToken: ct)) == Chunk)
        {
        }
    }

    async Task VoidClaims(CancellationToken ct)
    {
        var more = true;
        while (more)
        {
            await session.Run(async context =>
            {
                var claims = (await context.Db.QueryAsync<Guid>(
                    """
                    SELECT account_id
                    FROM users.account
                    WHERE email_verified_at IS NULL AND status = 'active' AND created_at < @before
                    LIMIT 100
                    FOR UPDATE SKIP LOCKED
                    """,
                    new { before = context.Now - ClaimsLast })).AsList();
                foreach (var accountId in claims)
                {
                    await UnprovenAccount.Void(context, accountId);
                }

                more = claims.Count == 100;
            }, ct);
        }
    }

    async Task RenewSigningKey(NpgsqlConnection connection, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var newest = await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition("SELECT max(activates_at) FROM users.signing_key", cancellationToken: ct));
        if (newest is { } activated && activated < (now - SigningKeys.LongestUse).UtcDateTime)
        {
            var keyId = await keys.Add(connection, now, now + SigningKeys.PublishedBefore);
            log.LogInformation("Signing key {KeyId} is published and signs from {ActivatesAt:O} on", keyId, now + SigningKeys.PublishedBefore);
        }
    }
}
