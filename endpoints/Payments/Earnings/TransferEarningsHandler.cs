using Dapper;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Local: a purchase may have released money that is not in the tutor's Stripe account yet.</summary>
sealed record TransferEarnings(Guid TutorId, string Currency, Guid PurchaseId);

/// <summary>
/// Decides on a transfer: what the purchase has released and was not transferred, but never more than the tutor is owed in all. Debts from earlier refunds are made up that way:
/// the transfers that follow are smaller.
/// </summary>
sealed class TransferEarningsHandler : IHandleMessages<TransferEarnings>
{
    public async Task Handle(TransferEarnings message, IMessageHandlerContext context)
    {
        var tutor = await TutorFunds.Lock(context.Db, message.TutorId, context.Now);
        if (tutor is not { StripeAccountId: not null, PayoutsEnabled: true })
            return; // The account's opening comes back to it.

        var due = await context.Db.ExecuteScalarAsync<long>(
            """
            SELECT p.released_minor - COALESCE((
                SELECT sum(amount_minor - reversed_minor - reversing_minor)
                FROM payments.transfer t
                WHERE t.purchase_id = p.purchase_id AND t.status <> 'refused'), 0)
            FROM payments.purchase p
            WHERE p.purchase_id = @PurchaseId AND p.status NOT IN ('disputed', 'chargedBack') AND p.charge_id IS NOT NULL
            """, new { message.PurchaseId });
        var funds = await TutorFunds.Read(context.Db, message.TutorId, message.Currency, context.Now);
        var unit = StripeAmounts.Unit(message.Currency);
        var amount = Math.Min(due, funds.Transferable) / unit * unit;
        if (amount <= 0)
            return;

        var transferId = Guid.CreateVersion7(context.Now);
        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.transfer (transfer_id, purchase_id, tutor_id, amount_minor, currency, status, decided_at)
            VALUES (@transferId, @PurchaseId, @TutorId, @amount, @Currency, 'pending', @Now)
            """, new { transferId, message.PurchaseId, message.TutorId, amount, message.Currency, context.Now });
        await context.RequestCall(new MakeTransfer(transferId));
    }
}
