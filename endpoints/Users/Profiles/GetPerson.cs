using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>What others see of a person. Nobody is public before their address is verified, or while they are suspended.</summary>
static class GetPerson
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/people/{accountId:guid}", Handle);

    static async Task<IResult> Handle(Guid accountId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT
                p.display_name, p.bio, p.avatar_url, p.locale, p.time_zone, p.shows::text AS Shows,
                EXISTS (SELECT FROM users.role_grant g WHERE g.account_id = a.account_id AND g.role = 'tutor') AS Tutor
            FROM users.account a
            JOIN users.profile p USING (account_id)
            WHERE a.account_id = @accountId AND a.status = 'active' AND a.email_verified_at IS NOT NULL
            """,
            new { accountId },
            cancellationToken: ct));
        if (row is null)
        {
            return InternalApi.Refuse(RefusalKind.NotFound, "person.not_found", "There is no such person.");
        }

        var asks = http.Actor().Id;
        var sees = asks == accountId ? Visibility.Nobody : asks == Guid.Empty ? Visibility.Everybody : Visibility.Members;
        var shows = ProfileJson.Read<ProfileVisibility>(row.Shows);
        return Results.Json(new PersonView(
            accountId,
            row.DisplayName,
            shows.Bio >= sees ? row.Bio : null,
            shows.Avatar >= sees ? row.AvatarUrl : null,
            shows.Locale >= sees ? row.Locale : null,
            shows.TimeZone >= sees ? row.TimeZone : null,
            row.Tutor));
    }

    sealed record Row
    {
        public string DisplayName { get; init; } = "";

        public string? Bio { get; init; }

        public string? AvatarUrl { get; init; }

        public string? Locale { get; init; }

        public string? TimeZone { get; init; }

        public string Shows { get; init; } = "";

        public bool Tutor { get; init; }
    }
}
