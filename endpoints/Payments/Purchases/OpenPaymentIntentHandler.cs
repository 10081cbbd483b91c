using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Opens the payment at Stripe, or takes the price of nothing as paid.</summary>
sealed record OpenPaymentIntent(Guid PurchaseId) : IStripeCall
{
    public string CallId => $"intent/{PurchaseId}";
}

sealed class OpenPaymentIntentHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<OpenPaymentIntent>
{
    public async Task Handle(OpenPaymentIntent call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is not { } tries)
            return;

        var (purchase, customer) = await db.ReadPurchaseAndCustomer(call.PurchaseId, context.CancellationToken);
        var customerId = customer ?? await stripe.CreateCustomer(purchase.PayerId, context.CancellationToken);
        try
        {
            var state = await stripe.OpenIntent(purchase, customerId, call.CallId, lookFirst: tries > 0, context.CancellationToken);
            await context.SendLocal(new RecordPayment(purchase.Id, state, call.CallId, CustomerId: customerId));
        }
        catch (StripeRefusal refusal)
        {
            await context.SendLocal(new RecordPaymentRefusal(purchase.Id, refusal.Code, call.CallId));
        }
    }
}
