using EdTech.Contracts;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Has Stripe give money back.</summary>
sealed record MakeRefund(Guid RefundId, Guid PurchaseId) : IStripeCall
{
    public string CallId => $"refund/{RefundId}";
}

sealed class MakeRefundHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<MakeRefund>
{
    public async Task Handle(MakeRefund call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is not { } tries)
            return;

        var (purchase, _) = await db.ReadPurchaseAndCustomer(call.PurchaseId, context.CancellationToken);
        var refund = purchase.Refunds.Single(r => r.Id == call.RefundId);
        try
        {
            var made = await stripe.CreateRefund(call.RefundId, purchase.IntentId!, new Money(refund.Amount, purchase.Currency), call.CallId, lookFirst: tries > 0, context.CancellationToken);
            await context.SendLocal(new RecordRefund(purchase.Id, call.RefundId, made.StripeRefundId, made.Status, made.Amount, made.FailureCode, call.CallId));
        }
        catch (StripeRefusal refusal)
        {
            await context.SendLocal(new RecordRefund(purchase.Id, call.RefundId, null, "refused", refund.Amount, refusal.Code, call.CallId));
        }
    }
}

/// <summary>Something may have happened to a refund at Stripe, ours or one made in Stripe's dashboard.</summary>
sealed record LookAtRefund(string StripeRefundId);

sealed class LookAtRefundHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<LookAtRefund>
{
    public async Task Handle(LookAtRefund message, IMessageHandlerContext context)
    {
        var refund = await stripe.GetRefund(message.StripeRefundId, context.CancellationToken);
        if (refund.IntentId is null || await db.PurchaseOfIntent(refund.IntentId, context.CancellationToken) is not { } purchase)
            return;
        var refundId = refund.RefundId is null ? RefundOrder.IdOf(purchase.Id, refund.StripeRefundId) : Guid.Parse(refund.RefundId);
        await context.SendLocal(new RecordRefund(purchase.Id, refundId, refund.StripeRefundId, refund.Status, refund.Amount, refund.FailureCode, CallId: null));
    }
}
