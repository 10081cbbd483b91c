using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

static class ListSocialLogins
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/me/social-logins", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return Results.Json(new Page<SocialLoginView>(await Load(connection, http.Actor().Id, ct), Next: null));
    }

    public static async Task<IReadOnlyList<SocialLoginView>> Load(NpgsqlConnection connection, Guid accountId, CancellationToken ct)
    {
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT provider, linked_at
            FROM users.social_login
            WHERE account_id = @accountId
            ORDER BY provider
            """,
            new { accountId },
            cancellationToken: ct));
        return [.. rows.Select(r => new SocialLoginView(Enum.Parse<SocialProvider>(r.Provider, ignoreCase: true), new DateTimeOffset(r.LinkedAt, TimeSpan.Zero)))];
    }

    sealed record Row
    {
        public string Provider { get; init; } = "";

        public DateTime LinkedAt { get; init; }
    }
}
