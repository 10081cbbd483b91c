using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record QuotePurchaseRequest(PurchaseKind? Kind, Guid? ItemId, string? Coupon = null);

sealed class QuotePurchaseValidator : Validator<QuotePurchaseRequest>
{
    public QuotePurchaseValidator()
    {
        RuleFor(r => r.Kind).NotNull();
        RuleFor(r => r.ItemId).NotEmpty();
        RuleFor(r => r.Coupon).Length(4, 32);
    }
}

sealed class QuotePurchaseEndpoint : CommandEndpoint<QuotePurchaseRequest>
{
    public override void Configure()
    {
        Post("/v1/quotes");
        Permissions("learn");
        Describe("Ask what a course or lessons cost", done: 201);
    }

    public override Task HandleAsync(QuotePurchaseRequest req, CancellationToken ct)
        => SendAsync(new QuotePurchase(Actor, Guid.CreateVersion7(), req.Kind!.Value, req.ItemId!.Value, req.Coupon), ct, done => $"/v1/quotes/{done.Id}");
}
