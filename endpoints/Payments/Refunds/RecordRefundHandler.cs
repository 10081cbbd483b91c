using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Local: Stripe has said what became of a refund. <paramref name="Status"/> is Stripe's word, or <c>refused</c>.</summary>
sealed record RecordRefund(Guid PurchaseId, Guid RefundId, string? StripeRefundId, string Status, long Amount, string? Code, string? CallId);

sealed class RecordRefundHandler : IHandleMessages<RecordRefund>
{
    public async Task Handle(RecordRefund message, IMessageHandlerContext context)
    {
        var purchase = await context.PurchaseOf(message.PurchaseId);
        if (message.CallId is not null)
            await context.SettleCall(message.CallId, message.StripeRefundId is null ? message.Code ?? message.Status : "done");

        var known = purchase.Refunds.SingleOrDefault(r => r.Id == message.RefundId);
        if (known is null)
        {
            if (message.Status is "failed" or "canceled")
                return;
            purchase = await TakeOver(context, purchase, message);
            known = purchase.Refunds[^1];
        }

        switch (message.Status)
        {
            // Pending too: the money has left Stripe's balance, the bank takes its time.
            case "succeeded" or "pending" or "requires_action" when known.State == RefundState.Asked:
                await Made(context, purchase, known, message.StripeRefundId!);
                break;
            case "failed" or "canceled" or "refused" when known.State != RefundState.Bounced:
                await Bounced(context, purchase, known, message);
                break;
        }
    }

    static async Task Made(IMessageHandlerContext context, Purchase purchase, Refund refund, string stripeRefundId)
    {
        await SetStatus(context, refund.Id, "succeeded", stripeRefundId);
        var after = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.RefundMade(refund.Id, stripeRefundId));
        await context.Publish(new PurchaseRefunded(
            after.Id, refund.Id, after.Kind, after.ItemId, after.PayerId, after.TutorId, new Money(refund.Amount, after.Currency), after.ClosedAs is not null, context.Now));
        await context.SettleMoneyGone(purchase, after);
        if (after is { Kind: PurchaseKind.Lessons, IsDelivered: true, ClosedAs: null } && !purchase.IsDelivered)
            await context.Publish(new PurchaseFulfilled(after.Id, after.Kind, after.ItemId, after.PayerId, after.TutorId, context.Now));
    }

    static async Task Bounced(IMessageHandlerContext context, Purchase purchase, Refund refund, RecordRefund message)
    {
        var code = message.Code ?? message.Status;
        await SetStatus(context, refund.Id, "failed", message.StripeRefundId);
        var after = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.RefundBounced(refund.Id, code));
        await context.FileException("refund_failed", $"refund/{refund.Id}", $"{refund.Amount} {after.Currency} of purchase {after.Id} did not reach the payer: {code}. Refund again, or find another way to pay.");
        // The tutor has it again, and it may have been taken back at Stripe.
        await context.SendLocal(new TransferEarnings(after.TutorId, after.Currency, after.Id));
    }

    /// <summary>A refund that somebody made in Stripe's dashboard becomes one of ours.</summary>
    static async Task<Purchase> TakeOver(IMessageHandlerContext context, Purchase purchase, RecordRefund message)
    {
        const string Reason = "Made in Stripe's dashboard.";
        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.refund (refund_id, purchase_id, amount_minor, status, stripe_refund_id, requested_by, reason, requested_at)
            VALUES (@RefundId, @PurchaseId, @Amount, 'requested', @StripeRefundId, @nobody, @Reason, @Now)
            """, new { message.RefundId, message.PurchaseId, message.Amount, message.StripeRefundId, nobody = Guid.Empty, Reason, context.Now });
        return await context.Append(purchase, purchase.Id, null, new PurchaseEvent.RefundAsked(message.RefundId, message.Amount, purchase.LessonsIn(message.Amount), Reason));
    }

    static Task SetStatus(IMessageHandlerContext context, Guid refundId, string status, string? stripeRefundId)
        => context.Db.ExecuteAsync(
            """
            UPDATE payments.refund
            SET status = @status, stripe_refund_id = COALESCE(@stripeRefundId, stripe_refund_id)
            WHERE refund_id = @refundId
            """, new { refundId, status, stripeRefundId });
}
