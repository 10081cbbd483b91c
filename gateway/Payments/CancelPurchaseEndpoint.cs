using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record CancelPurchaseRequest([property: RouteParam] Guid PurchaseId);

sealed class CancelPurchaseEndpoint : CommandEndpoint<CancelPurchaseRequest>
{
    public override void Configure()
    {
        Post("/v1/purchases/{purchaseId}/cancel");
        Permissions("learn");
        Describe("Give up a purchase that is not paid");
    }

    public override Task HandleAsync(CancelPurchaseRequest req, CancellationToken ct) => SendAsync(new CancelPurchase(Actor, req.PurchaseId), ct);
}
