using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

static class ListDisputes
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/disputes", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, Guid? purchaseId, string? cursor, int? limit, CancellationToken ct)
    {
        if (!http.Actor().May("payments.support"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "dispute.not_permitted", "Only support sees disputes.");
        var size = Math.Clamp(limit ?? 20, 1, 100);

        // Stripe's ids are no UUIDs; the cursor is the last one, whose row says the rest.
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            """
            SELECT dispute_id, purchase_id, amount_minor, currency, reason, status, evidence_due_by, evidence_submitted_at, opened_at
            FROM payments.dispute
            WHERE (@purchaseId::uuid IS NULL OR purchase_id = @purchaseId)
              AND (@cursor::text IS NULL OR (opened_at, dispute_id) < (SELECT opened_at, dispute_id FROM payments.dispute WHERE dispute_id = @cursor))
            ORDER BY opened_at DESC, dispute_id DESC
            LIMIT @size + 1
            """, new { purchaseId, cursor = cursor?.Replace("\0", "", StringComparison.Ordinal), size })).AsList();
        return TypedResults.Ok(new Page<DisputeView>([.. rows.Take(size).Select(View)], rows.Count > size ? rows[size - 1].DisputeId : null));
    }

    static DisputeView View(Row r)
        => new(r.DisputeId, r.PurchaseId, new Money(r.AmountMinor, r.Currency), r.Reason, r.Status, r.EvidenceDueBy.Utc(), r.EvidenceSubmittedAt.Utc(), r.OpenedAt.Utc());

    sealed record Row(string DisputeId, Guid PurchaseId, long AmountMinor, string Currency, string Reason, string Status, DateTime? EvidenceDueBy, DateTime? EvidenceSubmittedAt, DateTime OpenedAt);
}
