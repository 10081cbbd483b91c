using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Something may have happened to a dispute: Stripe is asked what.</summary>
sealed record LookAtDispute(string DisputeId);

sealed class LookAtDisputeHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<LookAtDispute>
{
    public async Task Handle(LookAtDispute message, IMessageHandlerContext context)
    {
        var dispute = await stripe.GetDispute(message.DisputeId, context.CancellationToken);
        if (await db.PurchaseOfIntent(dispute.IntentId, context.CancellationToken) is { } purchase)
            await context.SendLocal(new RecordDispute(purchase.Id, dispute, CallId: null));
    }
}
