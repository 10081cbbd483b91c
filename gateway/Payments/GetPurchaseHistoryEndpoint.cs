using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GetPurchaseHistoryRequest([property: RouteParam] Guid PurchaseId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class GetPurchaseHistoryValidator : Validator<GetPurchaseHistoryRequest>
{
    public GetPurchaseHistoryValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class GetPurchaseHistoryEndpoint : QueryEndpoint<GetPurchaseHistoryRequest, Page<PurchaseHistoryEntry>>
{
    public override void Configure()
    {
        Get("/v1/purchases/{purchaseId}/history");
        Authenticated();
        Describe("All that happened to a purchase, for its payer and support");
    }

    public override Task HandleAsync(GetPurchaseHistoryRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery($"/internal/payments/purchases/{req.PurchaseId}/history", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
