using Dapper;
using Npgsql;

namespace EdTech.Payments;

/// <summary>What handlers of outside calls read: no lock, because they decide nothing.</summary>
static class PurchaseReads
{
    public static async Task<(Purchase Purchase, string? CustomerId)> ReadPurchaseAndCustomer(this NpgsqlDataSource db, Guid purchaseId, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var (state, customerId) = await connection.QuerySingleAsync<(string, string?)>(new CommandDefinition(
            """
            SELECT p.state::text, c.customer_id
            FROM payments.purchase p
            LEFT JOIN payments.stripe_customer c USING (payer_id)
            WHERE p.purchase_id = @purchaseId
            """, new { purchaseId }, cancellationToken: ct));
        return (PurchaseStream.Read(state), customerId);
    }

    /// <summary>The purchase that a payment at Stripe belongs to, or null when it is none of ours.</summary>
    public static async Task<Purchase?> PurchaseOfIntent(this NpgsqlDataSource db, string intentId, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var state = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT state::text FROM payments.purchase WHERE intent_id = @intentId", new { intentId }, cancellationToken: ct));
        return state is null ? null : PurchaseStream.Read(state);
    }
}
