using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>The days that were compared, newest first; a page is whole days.</summary>
static class ListReconciliations
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/reconciliations", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, DateOnly? cursor, int? limit, CancellationToken ct)
    {
        if (!http.Actor().May("payments.admin"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "reconciliation.not_permitted", "Only administrators compare the books.");
        var size = Math.Clamp(limit ?? 20, 1, 100);
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            """
            WITH days AS (
                SELECT DISTINCT day
                FROM payments.reconciliation
                WHERE @cursor::date IS NULL OR day < @cursor
                ORDER BY day DESC
                LIMIT @size
            )
            SELECT day::timestamp AS day, currency, stripe_transactions, stripe_minor, ledger_minor, exceptions
            FROM payments.reconciliation
            JOIN days USING (day)
            ORDER BY day DESC, currency
            """, new { cursor, size })).AsList();
        var full = rows.Select(r => r.Day).Distinct().Count() == size;
        return TypedResults.Ok(new Page<ReconciliationView>(
            [.. rows.Select(r => new ReconciliationView(
                DateOnly.FromDateTime(r.Day), r.Currency, r.StripeTransactions, new Money(r.StripeMinor, r.Currency), new Money(r.LedgerMinor, r.Currency), r.Exceptions))],
            full ? rows[^1].Day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : null));
    }

    sealed record Row(DateTime Day, string Currency, int StripeTransactions, long StripeMinor, long LedgerMinor, int Exceptions);
}
