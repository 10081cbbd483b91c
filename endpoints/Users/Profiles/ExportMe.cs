using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>Everything this domain knows about a person, in one consistent look (GDPR, article 20). Secrets are not about the person and stay here.</summary>
static class ExportMe
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/me/export", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        var me = http.Actor().Id;
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        if (await GetMe.Load(connection, me, ct) is not { } account)
        {
            return InternalApi.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account.");
        }

        var sessions = await connection.QueryAsync<ListSessions.Row>(new CommandDefinition(
            $"SELECT {ListSessions.Columns} FROM users.session WHERE account_id = @me ORDER BY created_at DESC LIMIT 1000", new { me }, cancellationToken: ct));
        var history = await ListHistory.Load(connection, me, before: long.MaxValue, limit: 10_000, ct);
        return Results.Json(new PersonalDataExport(
            account,
            await ListSocialLogins.Load(connection, me, ct),
            [.. sessions.Select(s => s.View())],
            [.. history.Select(h => h.Entry())],
            time.GetUtcNow()));
    }
}
