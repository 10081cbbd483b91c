using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

static class GetAccount
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/accounts/{accountId:guid}", Handle);

    static async Task<IResult> Handle(Guid accountId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        if (!http.Actor().May("accounts.read"))
        {
            return InternalApi.Refuse(RefusalKind.Forbidden, "account.reading_not_permitted", "Only support reads accounts.");
        }

        await using var connection = await db.OpenConnectionAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<AccountRow>(new CommandDefinition($"{AccountRow.Select} WHERE a.account_id = @accountId", new { accountId }, cancellationToken: ct));
        return row is null ? InternalApi.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account.") : Results.Json(row.View());
    }
}

/// <summary>An account as support reads it.</summary>
sealed record AccountRow
{
    public const string Select =
        """
        SELECT
            a.account_id, a.email, a.email_verified_at IS NOT NULL AS EmailVerified, p.display_name,
            a.status, a.created_at,
            ARRAY(SELECT g.role FROM users.role_grant g WHERE g.account_id = a.account_id ORDER BY g.role) AS Roles
        FROM users.account a
        JOIN users.profile p USING (account_id)
        """;

    public Guid AccountId { get; init; }

    public string? Email { get; init; }

    public bool EmailVerified { get; init; }

    public string DisplayName { get; init; } = "";

    public string Status { get; init; } = "";

    public DateTime CreatedAt { get; init; }

    public string[] Roles { get; init; } = [];

    public AccountView View()
        => new(AccountId, Email, EmailVerified, DisplayName, Enum.Parse<AccountStatus>(Status, ignoreCase: true), Roles, new DateTimeOffset(CreatedAt, TimeSpan.Zero));
}
