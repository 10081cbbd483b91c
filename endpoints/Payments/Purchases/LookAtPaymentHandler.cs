using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Something may have happened to a payment: Stripe is asked what. Sent for each webhook about it, in whatever order they come.</summary>
sealed record LookAtPayment(string IntentId);

sealed class LookAtPaymentHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<LookAtPayment>
{
    public async Task Handle(LookAtPayment message, IMessageHandlerContext context)
    {
        if (await db.PurchaseOfIntent(message.IntentId, context.CancellationToken) is not { } purchase)
        {
            // A payment of another program on the same Stripe account, or one whose opening we have not recorded: that will look again by itself.
            return;
        }

        // Nothing can happen any more that this purchase would care about.
        if (purchase.PaidAt is not null)
            return;
        var state = await stripe.GetIntent(message.IntentId, context.CancellationToken);
        await context.SendLocal(new RecordPayment(purchase.Id, state, CallId: null));
    }
}
