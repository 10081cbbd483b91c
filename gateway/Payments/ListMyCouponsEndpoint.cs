using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyCouponsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyCouponsValidator : Validator<ListMyCouponsRequest>
{
    public ListMyCouponsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyCouponsEndpoint : QueryEndpoint<ListMyCouponsRequest, Page<CouponView>>
{
    public override void Configure()
    {
        Get("/v1/me/coupons");
        Permissions("courses.author");
        Describe("List the coupons that one has made");
    }

    public override Task HandleAsync(ListMyCouponsRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/me/coupons", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
