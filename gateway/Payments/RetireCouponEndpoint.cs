using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RetireCouponRequest([property: RouteParam] Guid CouponId);

sealed class RetireCouponEndpoint : CommandEndpoint<RetireCouponRequest>
{
    public override void Configure()
    {
        Delete("/v1/coupons/{couponId}");
        Permissions("courses.author");
        Describe("Retire a coupon; quotes already given keep their price");
    }

    public override Task HandleAsync(RetireCouponRequest req, CancellationToken ct) => SendAsync(new RetireCoupon(Actor, req.CouponId), ct);
}
