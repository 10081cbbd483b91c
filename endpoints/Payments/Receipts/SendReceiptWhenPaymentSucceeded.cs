using Dapper;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Numbers the receipt, once per purchase, and has it mailed.</summary>
sealed class SendReceiptWhenPaymentSucceeded : IHandleMessages<PaymentSucceeded>
{
    public async Task Handle(PaymentSucceeded e, IMessageHandlerContext context)
    {
        var issued = await context.Db.ExecuteAsync(
            """
            WITH counted AS (
                INSERT INTO payments.receipt_counter AS c (year, last)
                SELECT @year, 1
                WHERE NOT EXISTS (SELECT 1 FROM payments.receipt WHERE purchase_id = @PurchaseId)
                ON CONFLICT (year) DO UPDATE
                SET last = c.last + 1
                RETURNING last
            )
            INSERT INTO payments.receipt (purchase_id, year, number, issued_at)
            SELECT @PurchaseId, @year, last, @Now
            FROM counted
            """,
            new { e.PurchaseId, year = context.Now.UtcDateTime.Year, context.Now });
        if (issued == 1)
            await context.SendLocal(new SendReceipt(e.PurchaseId));
    }
}

/// <summary>Local: mail this purchase's receipt. Carries the id alone; the rest is read when it is sent.</summary>
sealed record SendReceipt(Guid PurchaseId);
