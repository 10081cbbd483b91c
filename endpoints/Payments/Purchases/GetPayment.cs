using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>What the payer's browser needs to pay. Asked from Stripe each time, so it is also how a payer who comes back from the bank is believed at once.</summary>
static class GetPayment
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/purchases/{purchaseId:guid}/payment", Handle);

    static async Task<IResult> Handle(Guid purchaseId, HttpContext http, NpgsqlDataSource db, StripeApi stripe, StripeSettings settings, ITransactionalSession session, CancellationToken ct)
    {
        var actor = http.Actor();
        if (await GetPurchase.Visible(db, purchaseId, actor with { Permissions = [] }, tutorToo: false, ct) is not { } purchase)
            return GetPurchase.NotFound();
        if (purchase is { PaidAt: not null } or { EndedBy: not null })
            return TypedResults.Ok(new PaymentView(purchaseId, purchase.PaidAt is null ? "canceled" : "succeeded", null, settings.PublishableKey, settings.Api, null));
        if (purchase.IntentId is null)
            return InternalApi.Refuse(RefusalKind.Conflict, "payment.not_open", "The payment is being opened at Stripe. Ask again in a moment.");

        var (status, clientSecret, nextAction) = await stripe.GetClientSecret(purchase.IntentId, ct);
        var open = status is "requires_payment_method" or "requires_confirmation" or "requires_action";
        if (status != (purchase.StripeStatus ?? "requires_payment_method"))
            await session.Run(context => context.SendLocal(new LookAtPayment(purchase.IntentId)), ct);
        return TypedResults.Ok(new PaymentView(purchaseId, status, open ? clientSecret : null, settings.PublishableKey, settings.Api, nextAction));
    }
}
