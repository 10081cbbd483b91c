using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetPurchaseRequest([property: RouteParam] Guid PurchaseId);

sealed class GetPurchaseEndpoint : QueryEndpoint<GetPurchaseRequest, PurchaseView>
{
    public override void Configure()
    {
        Get("/v1/purchases/{purchaseId}");
        Authenticated();
        Describe("Read a purchase: one's own, a sale of one's own item, or any for support");
    }

    public override Task HandleAsync(GetPurchaseRequest req, CancellationToken ct) => ForwardAsync("payments", $"/internal/payments/purchases/{req.PurchaseId}", ct);
}
