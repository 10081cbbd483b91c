using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetPaymentRequest([property: RouteParam] Guid PurchaseId);

sealed class GetPaymentEndpoint : QueryEndpoint<GetPaymentRequest, PaymentView>
{
    public override void Configure()
    {
        Get("/v1/purchases/{purchaseId}/payment");
        Permissions("learn");
        Describe("What the payer's browser needs to pay with Stripe's form");
    }

    public override Task HandleAsync(GetPaymentRequest req, CancellationToken ct)
    {
        HttpContext.Response.Headers.CacheControl = "no-store";
        return ForwardAsync("payments", $"/internal/payments/purchases/{req.PurchaseId}/payment", ct);
    }
}
