using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class CreateCouponHandler : IHandleMessages<CreateCoupon>
{
    public async Task Handle(CreateCoupon command, IMessageHandlerContext context)
    {
        if (command.Platform && !command.By.May("payments.admin"))
        {
            await context.Refuse(RefusalKind.Forbidden, "coupon.platform_not_permitted", "Only administrators give discounts out of the platform's fee.");
            return;
        }

        if (command.ExpiresAt <= context.Now || command.ExpiresAt > context.Now.AddYears(2))
        {
            await context.Refuse(RefusalKind.Invalid, "coupon.expiry", "A coupon expires within the next two years.", new Dictionary<string, string> { ["expiresAt"] = "Within the next two years." });
            return;
        }

        // A tutor's coupon for one item is for one of the tutor's own; whether the item of somebody else exists is not told.
        if (command.ItemId is { } itemId && !await IsSold(context, itemId, command.Platform ? null : command.By.Id))
        {
            await context.Refuse(RefusalKind.NotFound, "item.not_found", "There is no such course or lesson offer of yours.");
            return;
        }

        var created = await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.coupon (coupon_id, code, owner_id, platform, percent_off, item_id, max_uses, expires_at, created_at)
            VALUES (@CouponId, @code, @owner, @Platform, @PercentOff, @ItemId, @MaxUses, @ExpiresAt, @Now)
            ON CONFLICT ON CONSTRAINT coupon_code_is_unique DO NOTHING
            """,
            new
            {
                command.CouponId,
                code = command.Code.ToUpperInvariant(),
                owner = command.By.Id,
                command.Platform,
                command.PercentOff,
                command.ItemId,
                command.MaxUses,
                ExpiresAt = command.ExpiresAt.ToUniversalTime(),
                context.Now,
            });
        if (created == 0)
        {
            await context.Refuse(RefusalKind.Conflict, "coupon.code_taken", "There is a coupon with this code.");
            return;
        }

        await context.Audit(command.CouponId, command.By, nameof(CreateCoupon), ("percentOff", FormattableString.Invariant($"{command.PercentOff}")), ("platform", command.Platform ? "true" : "false"));
        await context.Reply(new Done(command.CouponId));
    }

    static Task<bool> IsSold(IMessageHandlerContext context, Guid itemId, Guid? tutorId)
        => context.Db.ExecuteScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT 1 FROM payments.course_offer WHERE course_id = @itemId AND (@tutorId::uuid IS NULL OR tutor_id = @tutorId))
                OR EXISTS (SELECT 1 FROM payments.lesson_offer WHERE offer_id = @itemId AND (@tutorId::uuid IS NULL OR tutor_id = @tutorId))
            """,
            new { itemId, tutorId });
}
