using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Ends an unpaid payment at Stripe, so that nobody can pay it any more. One order per reason and time; Stripe cancels once.</summary>
sealed record CancelPaymentIntent(Guid PurchaseId, string Reason, int Time) : IStripeCall
{
    public string CallId => $"cancel/{PurchaseId}/{Reason}/{Time}";
}

sealed class CancelPaymentIntentHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<CancelPaymentIntent>
{
    public async Task Handle(CancelPaymentIntent call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is null)
            return;

        var (purchase, _) = await db.ReadPurchaseAndCustomer(call.PurchaseId, context.CancellationToken);
        if (purchase.IntentId is null)
        {
            // The call that opens it has no outcome yet; ours has to come after it.
            throw new InvalidOperationException($"Purchase {call.PurchaseId} cannot be cancelled before its payment is open at Stripe; the order is tried again.");
        }

        var state = await stripe.CancelIntent(purchase.IntentId, call.CallId, context.CancellationToken);
        await context.SendLocal(new RecordPayment(purchase.Id, state, call.CallId, EndedBy: call.Reason));
    }
}
