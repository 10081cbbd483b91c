using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetReceiptPdfRequest([property: RouteParam] Guid PurchaseId);

sealed class GetReceiptPdfEndpoint : QueryEndpoint<GetReceiptPdfRequest, string>
{
    public override void Configure()
    {
        Get("/v1/purchases/{purchaseId}/receipt.pdf");
        Authenticated();
        Describe("The receipt of a paid purchase, as PDF");
    }

    public override Task HandleAsync(GetReceiptPdfRequest req, CancellationToken ct) => ForwardAsync("payments", $"/internal/payments/purchases/{req.PurchaseId}/receipt.pdf", ct);
}
