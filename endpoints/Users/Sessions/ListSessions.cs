using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>The sessions that a person is signed in with. They are few: a new one beyond <see cref="SessionStart.MostPerAccount"/> ends the oldest.</summary>
static class ListSessions
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/me/sessions", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT {Columns}
            FROM users.session
            WHERE account_id = @Id AND revoked_at IS NULL AND expires_at > @now
            ORDER BY last_used_at DESC, session_id
            LIMIT 100
            """,
            new { http.Actor().Id, now = time.GetUtcNow() },
            cancellationToken: ct));
        return Results.Json(new Page<SessionView>([.. rows.Select(r => r.View())], Next: null));
    }

    public const string Columns = "session_id, device, network, methods, created_at, last_used_at";

    public sealed record Row
    {
        public Guid SessionId { get; init; }

        public string Device { get; init; } = "";

        public string Network { get; init; } = "";

        public string[] Methods { get; init; } = [];

        public DateTime CreatedAt { get; init; }

        public DateTime LastUsedAt { get; init; }

        public SessionView View()
            => new(SessionId, Device, Network, Methods, new DateTimeOffset(CreatedAt, TimeSpan.Zero), new DateTimeOffset(LastUsedAt, TimeSpan.Zero));
    }
}
