using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>Where and as whom a person is written to. For other workers alone, which ask when they write and keep nothing; nobody asks it on behalf of a caller.</summary>
static class GetAccountContact
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/accounts/{accountId:guid}/contact", Handle);

    static async Task<IResult> Handle(Guid accountId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        if (http.Actor().Id != Guid.Empty)
        {
            return InternalApi.Refuse(RefusalKind.Forbidden, "contact.not_permitted", "Contacts are not read on behalf of somebody.");
        }

        await using var connection = await db.OpenConnectionAsync(ct);
        var contact = await connection.QuerySingleOrDefaultAsync<AccountContact>(new CommandDefinition(
            """
            SELECT a.email, p.display_name, p.locale, p.time_zone
            FROM users.account a
            JOIN users.profile p USING (account_id)
            WHERE a.account_id = @accountId AND a.email IS NOT NULL
            """,
            new { accountId },
            cancellationToken: ct));
        return contact is null ? InternalApi.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account, or it has no address.") : Results.Json(contact);
    }
}
