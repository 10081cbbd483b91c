using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetReceiptRequest([property: RouteParam] Guid PurchaseId);

sealed class GetReceiptEndpoint : QueryEndpoint<GetReceiptRequest, string>
{
    public override void Configure()
    {
        Get("/v1/purchases/{purchaseId}/receipt");
        Authenticated();
        Describe("The receipt of a paid purchase, as a page");
    }

    public override Task HandleAsync(GetReceiptRequest req, CancellationToken ct) => ForwardAsync("payments", $"/internal/payments/purchases/{req.PurchaseId}/receipt", ct);
}
