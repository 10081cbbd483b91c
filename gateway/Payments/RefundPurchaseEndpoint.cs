using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RefundPurchaseRequest([property: RouteParam] Guid PurchaseId, string? Reason, long? MinorUnits = null);

sealed class RefundPurchaseValidator : Validator<RefundPurchaseRequest>
{
    public RefundPurchaseValidator()
    {
        RuleFor(r => r.Reason).NotEmpty().MaximumLength(500);
        RuleFor(r => r.MinorUnits).GreaterThan(0);
    }
}

sealed class RefundPurchaseEndpoint : CommandEndpoint<RefundPurchaseRequest>
{
    public override void Configure()
    {
        Post("/v1/purchases/{purchaseId}/refunds");
        Authenticated();
        Describe("Give money back: all that may be, or so many minor units");
    }

    public override Task HandleAsync(RefundPurchaseRequest req, CancellationToken ct)
        => SendAsync(new RefundPurchase(Actor, req.PurchaseId, Guid.CreateVersion7(), req.MinorUnits, req.Reason!.Trim()), ct);
}
