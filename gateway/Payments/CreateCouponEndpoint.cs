using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record CreateCouponRequest(string? Code, int? PercentOff, int? MaxUses, DateTimeOffset? ExpiresAt, Guid? ItemId = null, bool Platform = false);

sealed class CreateCouponValidator : Validator<CreateCouponRequest>
{
    public CreateCouponValidator()
    {
        RuleFor(r => r.Code).NotEmpty().Must(c => c is null || c.Length is >= 4 and <= 32 && c.All(char.IsAsciiLetterOrDigit)).WithMessage("4 to 32 letters and digits.");
        RuleFor(r => r.PercentOff).NotNull().InclusiveBetween(1, 100);
        RuleFor(r => r.MaxUses).NotNull().InclusiveBetween(1, 100_000);
        RuleFor(r => r.ExpiresAt).NotNull();
    }
}

sealed class CreateCouponEndpoint : CommandEndpoint<CreateCouponRequest>
{
    public override void Configure()
    {
        Post("/v1/coupons");
        Permissions("courses.author");
        Describe("Make a coupon for one's own items, or for the platform", done: 201);
    }

    public override Task HandleAsync(CreateCouponRequest req, CancellationToken ct)
        => SendAsync(
            new CreateCoupon(Actor, Guid.CreateVersion7(), req.Code!, req.Platform, req.PercentOff!.Value, req.ItemId, req.MaxUses!.Value, req.ExpiresAt!.Value),
            ct,
            _ => "/v1/me/coupons");
}
