using System.Text.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>An account's audit trail, newest first: for support, and for the person.</summary>
static class ListHistory
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/users/me/history", (HttpContext http, NpgsqlDataSource db, CancellationToken ct, string? cursor = null, int limit = 20)
            => Answer(http.Actor().Id, db, cursor, limit, ct));
        app.MapGet("/internal/users/accounts/{accountId:guid}/history", OfAccount);
    }

    static async Task<IResult> OfAccount(Guid accountId, HttpContext http, NpgsqlDataSource db, CancellationToken ct, string? cursor = null, int limit = 20)
    {
        if (!http.Actor().May("accounts.read"))
        {
            return InternalApi.Refuse(RefusalKind.Forbidden, "account.reading_not_permitted", "Only support reads accounts.");
        }

        await using var connection = await db.OpenConnectionAsync(ct);
        var known = await connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT EXISTS (SELECT FROM users.account WHERE account_id = @accountId)", new { accountId }, cancellationToken: ct));
        return known ? await Answer(accountId, db, cursor, limit, ct) : InternalApi.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account.");
    }

    static async Task<IResult> Answer(Guid accountId, NpgsqlDataSource db, string? cursor, int limit, CancellationToken ct)
    {
        if (!KeysetCursor.TryRead(cursor, out var after))
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "cursor.invalid", "The cursor is not one that this list gave.", new Dictionary<string, string> { ["cursor"] = "Not a cursor of this list." });
        }

        limit = Math.Clamp(limit, 1, 100);
        await using var connection = await db.OpenConnectionAsync(ct);
        // Rows are numbered as they are written, so the number alone is the place.
        var rows = await Load(connection, accountId, before: after?.At.Ticks ?? long.MaxValue, limit + 1, ct);
        var next = rows.Count > limit ? KeysetCursor.Write(new DateTime(rows[limit - 1].AuditId, DateTimeKind.Utc), Guid.Empty) : null;
        return Results.Json(new Page<HistoryEntry>([.. rows.Take(limit).Select(r => r.Entry())], next));
    }

    public static async Task<List<Row>> Load(NpgsqlConnection connection, Guid accountId, long before, int limit, CancellationToken ct)
        => (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT audit_id, action, actor_id, occurred_at, correlation_id, details::text AS Details
            FROM users.audit
            WHERE account_id = @accountId AND audit_id < @before
            ORDER BY audit_id DESC
            LIMIT @limit
            """,
            new { accountId, before, limit },
            cancellationToken: ct))).AsList();

    public sealed record Row
    {
        public long AuditId { get; init; }

        public string Action { get; init; } = "";

        public Guid? ActorId { get; init; }

        public DateTime OccurredAt { get; init; }

        public string CorrelationId { get; init; } = "";

        public string Details { get; init; } = "";

        public HistoryEntry Entry()
            => new(Action, ActorId, new DateTimeOffset(OccurredAt, TimeSpan.Zero), CorrelationId, JsonSerializer.Deserialize<Dictionary<string, string>>(Details) ?? []);
    }
}
