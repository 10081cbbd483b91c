using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class QuotePurchaseHandler : IHandleMessages<QuotePurchase>
{
    static readonly TimeSpan Holds = TimeSpan.FromMinutes(30);

    public async Task Handle(QuotePurchase command, IMessageHandlerContext context)
    {
        // Item, fee in force and coupon in one round trip.
        await using var results = await context.Db.QueryMultipleAsync(
            """
            WITH item AS (
                SELECT course_id AS item_id, tutor_id, title, 1 AS lessons, price_minor, currency, archived_at IS NOT NULL AS gone
                FROM payments.course_offer
                WHERE @course AND course_id = @ItemId
                UNION ALL
                SELECT offer_id, tutor_id, title, lessons, price_minor, currency, withdrawn_at IS NOT NULL
                FROM payments.lesson_offer
                WHERE NOT @course AND offer_id = @ItemId
            )
            SELECT item.*, fee.basis_points
            FROM item
            CROSS JOIN LATERAL (
                SELECT basis_points
                FROM payments.fee_schedule
                WHERE (tutor_id = item.tutor_id OR tutor_id IS NULL) AND effective_from <= @Now
                ORDER BY tutor_id IS NULL, effective_from DESC, set_at DESC
                LIMIT 1) AS fee;

            SELECT coupon_id, owner_id, platform, percent_off, item_id
            FROM payments.coupon
            WHERE code = @coupon AND retired_at IS NULL AND expires_at > @Now AND uses < max_uses;
            """,
            new { course = command.Kind == PurchaseKind.Course, command.ItemId, context.Now, coupon = command.Coupon?.Trim().ToUpperInvariant() });
        var item = await results.ReadSingleOrDefaultAsync<Item>();
        var coupon = await results.ReadSingleOrDefaultAsync<Coupon>();

        if (item is null)
        {
            await context.Refuse(RefusalKind.NotFound, "item.not_found", "There is nothing to buy under this id.");
            return;
        }

        if (await Refusal(command, item, coupon, context))
            return;

        var price = item.PriceMinor - (coupon is null ? 0 : PurchaseMoney.Part(item.PriceMinor, coupon.PercentOff, 100, item.Currency!));
        var fee = coupon is { Platform: true }
            ? Math.Max(0, PurchaseMoney.FeeOf(item.PriceMinor, item.BasisPoints, item.Currency!) - (item.PriceMinor - price))
            : PurchaseMoney.FeeOf(price, item.BasisPoints, item.Currency!);
        if (price > 0 && price < StripeAmounts.Minimum(item.Currency!))
        {
            await context.Refuse(RefusalKind.Invalid, "quote.below_minimum", $"A card cannot be charged less than {StripeAmounts.Minimum(item.Currency!)} minor units of {item.Currency}.");
            return;
        }

        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.quote (
                quote_id, payer_id, kind, item_id, tutor_id, title, lessons, list_minor, price_minor, fee_minor, currency, fee_basis_points, coupon_id, expires_at, created_at)
            VALUES (
                @QuoteId, @payer, @kind, @ItemId, @TutorId, @Title, @Lessons, @PriceMinor, @price, @fee, @Currency, @BasisPoints, @coupon, @expires, @Now)
            """,
            new
            {
                command.QuoteId,
                payer = command.By.Id,
                kind = PurchaseStream.Word(command.Kind),
                item.ItemId,
                item.TutorId,
                item.Title,
                item.Lessons,
                item.PriceMinor,
                price,
                fee,
                item.Currency,
                item.BasisPoints,
                coupon = coupon?.CouponId,
                expires = context.Now + Holds,
                context.Now,
            });
        await context.Reply(new Done(command.QuoteId));
    }

    static async Task<bool> Refusal(QuotePurchase command, Item item, Coupon? coupon, IMessageHandlerContext context)
    {
        switch (item)
        {
            case { Gone: true }:
                await context.Refuse(RefusalKind.Conflict, "item.not_for_sale", "It is not sold any more.");
                return true;
            case { PriceMinor: 0 } or { Currency: null }:
                await context.Refuse(RefusalKind.Conflict, "item.free", "The course is free: enrol in it.");
                return true;
            case { TutorId: var tutor } when tutor == command.By.Id:
                await context.Refuse(RefusalKind.Conflict, "item.own", "Nobody buys from himself.");
                return true;
            case { Currency: var currency, PriceMinor: var price } when StripeAmounts.Minimum(currency) is null || price % StripeAmounts.Unit(currency) != 0:
                await context.Refuse(RefusalKind.Conflict, "item.not_chargeable", $"Cards are not charged {price} minor units of {currency}; its owner has to change the price.");
                return true;
        }

        if (command.Coupon is not null && (coupon is null || !coupon.HoldsFor(item)))
        {
            await context.Refuse(RefusalKind.Invalid, "coupon.not_valid", "The coupon does not exist, is used up or expired, or holds for something else.", new Dictionary<string, string> { ["coupon"] = command.Coupon });
            return true;
        }

        if (coupon is { Platform: true } && coupon.PercentOff * 100 > item.BasisPoints)
        {
            await context.Refuse(RefusalKind.Invalid, "coupon.exceeds_fee", "The platform gives a discount out of its fee, and the fee of this item is smaller.");
            return true;
        }

        return false;
    }

    sealed record Item(Guid ItemId, Guid TutorId, string Title, int Lessons, long PriceMinor, string? Currency, bool Gone, int BasisPoints);

    sealed record Coupon(Guid CouponId, Guid OwnerId, bool Platform, int PercentOff, Guid? ItemId)
    {
        public bool HoldsFor(Item item) => (Platform || OwnerId == item.TutorId) && (ItemId is null || ItemId == item.ItemId);
    }
}
