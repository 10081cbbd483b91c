using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>All that happened to a purchase, oldest first, for its payer and support.</summary>
static class GetPurchaseHistory
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/purchases/{purchaseId:guid}/history", Handle);

    static async Task<IResult> Handle(Guid purchaseId, HttpContext http, NpgsqlDataSource db, long? cursor, int? limit, CancellationToken ct)
    {
        if (await GetPurchase.Visible(db, purchaseId, http.Actor(), tutorToo: false, ct) is not { } purchase)
            return GetPurchase.NotFound();

        var size = Math.Clamp(limit ?? 20, 1, 100);
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            """
            SELECT e.version, e.type, COALESCE((e.data ->> 'amount')::bigint, r.amount_minor) AS amount, COALESCE(e.data ->> 'code', e.data ->> 'decline') AS code, e.occurred_at
            FROM payments.purchase_event e
            LEFT JOIN payments.refund r ON r.refund_id = (e.data ->> 'refundId')::uuid
            WHERE e.purchase_id = @purchaseId AND e.version > @after
            ORDER BY e.version
            LIMIT @size + 1
            """, new { purchaseId, after = cursor ?? 0, size })).AsList();
        return TypedResults.Ok(new Page<PurchaseHistoryEntry>(
            [.. rows.Take(size).Select(r => new PurchaseHistoryEntry(r.Version, r.Type, r.Amount is { } amount ? new Money(amount, purchase.Currency) : null, r.Code, r.OccurredAt.Utc()))],
            rows.Count > size ? rows[size - 1].Version.ToString(System.Globalization.CultureInfo.InvariantCulture) : null));
    }

    sealed record Row(long Version, string Type, long? Amount, string? Code, DateTime OccurredAt);
}
