using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>Accounts for support: the one of an address, or all of them, newest first.</summary>
static class ListAccounts
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/accounts", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, CancellationToken ct, string? email = null, string? cursor = null, int limit = 20)
    {
        if (!http.Actor().May("accounts.read"))
        {
            return InternalApi.Refuse(RefusalKind.Forbidden, "account.reading_not_permitted", "Only support reads accounts.");
        }

        if (!KeysetCursor.TryRead(cursor, out var after))
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "cursor.invalid", "The cursor is not one that this list gave.", new Dictionary<string, string> { ["cursor"] = "Not a cursor of this list." });
        }

        limit = Math.Clamp(limit, 1, 100);
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<AccountRow>(new CommandDefinition(
            $"""
            {AccountRow.Select}
            WHERE (@email::text IS NULL OR a.email_normalised = @normalised)
                AND (@at::timestamptz IS NULL OR (a.created_at, a.account_id) < (@at, @id))
            ORDER BY a.created_at DESC, a.account_id DESC
            LIMIT @limit + 1
            """,
            new { email, normalised = EmailAddress.Normalise(email) ?? "", at = after?.At, id = after?.Id ?? Guid.Empty, limit },
            cancellationToken: ct))).AsList();
        var next = rows.Count > limit ? KeysetCursor.Write(rows[limit - 1].CreatedAt, rows[limit - 1].AccountId) : null;
        return Results.Json(new Page<AccountView>([.. rows.Take(limit).Select(r => r.View())], next));
    }
}
