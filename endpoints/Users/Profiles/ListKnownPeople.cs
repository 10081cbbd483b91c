using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>Which of some ids belong to people who can be written to; for other endpoints.</summary>
static class ListKnownPeople
{
    const int MaxIds = 200;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/people", Handle);

    static async Task<IResult> Handle(string? ids, NpgsqlDataSource db, CancellationToken ct)
    {
        var texts = (ids ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        var asked = texts.Select(t => Guid.TryParse(t, out var id) ? id : Guid.Empty).ToArray();
        if (asked.Length is 0 or > MaxIds || asked.Contains(Guid.Empty))
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "people.ids", $"ids: 1 to {MaxIds} account ids with commas between.");
        }

        await using var connection = await db.OpenConnectionAsync(ct);
        return Results.Json(await connection.QueryAsync<Guid>(new CommandDefinition(
            "SELECT account_id FROM users.account WHERE account_id = ANY(@asked) AND status = 'active' AND email_verified_at IS NOT NULL",
            new { asked },
            cancellationToken: ct)));
    }
}
