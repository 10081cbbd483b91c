using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class RetireCouponHandler : IHandleMessages<RetireCoupon>
{
    public async Task Handle(RetireCoupon command, IMessageHandlerContext context)
    {
        // Retiring again changes nothing. A coupon of the platform may be retired by every administrator.
        var retired = await context.Db.ExecuteAsync(
            """
            UPDATE payments.coupon
            SET retired_at = COALESCE(retired_at, @Now)
            WHERE coupon_id = @CouponId AND (owner_id = @owner OR (platform AND @admin))
            """,
            new { command.CouponId, owner = command.By.Id, admin = command.By.May("payments.admin"), context.Now });
        if (retired == 0)
        {
            await context.Refuse(RefusalKind.NotFound, "coupon.not_found", "There is no such coupon of yours.");
            return;
        }

        await context.Audit(command.CouponId, command.By, nameof(RetireCoupon));
        await context.Reply(new Done(command.CouponId));
    }
}
