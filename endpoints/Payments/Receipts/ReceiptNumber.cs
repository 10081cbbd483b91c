using Dapper;
using EdTech.Hosting;

namespace EdTech.Payments;

static class ReceiptNumber
{
    /// <summary>Gives the purchase's receipt its number, once. Called when money was captured or went back, whichever is handled first.</summary>
    public static Task NumberReceipt(this IMessageHandlerContext context, Guid purchaseId)
        => context.Db.ExecuteAsync(
            """
            SELECT 1 FROM payments.purchase WHERE purchase_id = @purchaseId FOR UPDATE;

            WITH counted AS (
                INSERT INTO payments.receipt_counter AS c (year, last)
                SELECT @year, 1
                WHERE NOT EXISTS (SELECT 1 FROM payments.receipt WHERE purchase_id = @purchaseId)
                ON CONFLICT (year) DO UPDATE
                SET last = c.last + 1
                RETURNING last
            )
            INSERT INTO payments.receipt (purchase_id, year, number, issued_at)
            SELECT @purchaseId, @year, last, @Now
            FROM counted
            """,
            new { purchaseId, year = context.Now.UtcDateTime.Year, context.Now });
}
