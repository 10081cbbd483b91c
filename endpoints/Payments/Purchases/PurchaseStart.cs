using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>What buying a course and paying lessons have in common: a quote becomes a purchase, once.</summary>
static class PurchaseStart
{
    /// <summary>The started purchase, or null when it was refused.</summary>
    public static async Task<Purchase?> StartPurchase(this IMessageHandlerContext context, Actor by, Guid purchaseId, Guid quoteId, PurchaseKind kind)
    {
        var quote = await context.Db.QuerySingleOrDefaultAsync<Quote>(
            """
            SELECT kind, item_id, tutor_id, title, lessons, price_minor, fee_minor, currency, coupon_id, expires_at, purchase_id
            FROM payments.quote
            WHERE quote_id = @quoteId AND payer_id = @payer
            FOR UPDATE
            """, new { quoteId, payer = by.Id });
        if (await Refusal(context, quote, kind))
            return null;

        // Locked for this payer and item: of two purchases at once the second sees the first.
        var taken = await context.Db.QuerySingleAsync<Taken>(
            """
            WITH alone AS (SELECT pg_advisory_xact_lock(hashtextextended(@key, 0))),
            coupon AS (
                UPDATE payments.coupon
                SET uses = uses + 1
                WHERE coupon_id = @CouponId AND uses < max_uses AND retired_at IS NULL
                RETURNING coupon_id
            ), accepted AS (
                UPDATE payments.quote SET purchase_id = @purchaseId WHERE quote_id = @quoteId
            )
            SELECT (SELECT count(*) FROM alone) = 1 AS alone, @CouponId IS NULL OR EXISTS (SELECT 1 FROM coupon) AS coupon
            """,
            new { key = $"{by.Id}/{quote!.ItemId}", quote.CouponId, purchaseId, quoteId });
        if (!taken.Coupon)
        {
            await context.Refuse(RefusalKind.Conflict, "coupon.used_up", "The coupon was used up in the meantime. Ask for a new quote.");
            return null;
        }

        if (kind == PurchaseKind.Course && await context.Db.QuerySingleOrDefaultAsync<Other>(
            """
            SELECT purchase_id, paid_at IS NOT NULL AS paid
            FROM payments.purchase
            WHERE payer_id = @payer AND item_id = @ItemId AND kind = 'course'
              AND status IN ('awaitingPayment', 'requiresAction', 'processing', 'paid', 'fulfilled', 'disputed')
            """, new { payer = by.Id, quote.ItemId }) is { } other)
        {
            var details = new Dictionary<string, string> { ["purchaseId"] = other.PurchaseId.ToString() };
            await (other.Paid
                ? context.Refuse(RefusalKind.Conflict, "purchase.already_owned", "The course is bought already.", details)
                : context.Refuse(RefusalKind.Conflict, "purchase.under_way", "A purchase of this course waits for its payment: pay or cancel it.", details));
            return null;
        }

        var purchase = await context.Append(null, purchaseId, by.Id, new PurchaseEvent.Started(
            kind, quote.ItemId, by.Id, quote.TutorId, quote.Title, quote.Lessons, quote.PriceMinor, quote.FeeMinor, quote.Currency, quoteId, context.Now));
        await context.Publish(new PurchaseStarted(purchaseId, kind, quote.ItemId, by.Id, quote.TutorId, new Money(purchase.Price, purchase.Currency), context.Now));
        await context.Reply(new Done(purchaseId, purchase.Version));
        return purchase;
    }

    static async Task<bool> Refusal(IMessageHandlerContext context, Quote? quote, PurchaseKind kind)
    {
        switch (quote)
        {
            case null:
                await context.Refuse(RefusalKind.NotFound, "quote.not_found", "There is no such quote of yours.");
                return true;
            case { PurchaseId: { } purchaseId }:
                await context.Refuse(RefusalKind.Conflict, "quote.accepted", "The quote was accepted before.", new Dictionary<string, string> { ["purchaseId"] = purchaseId.ToString() });
                return true;
            case { ExpiresAt: var expires } when expires <= context.Now.UtcDateTime:
                await context.Refuse(RefusalKind.Conflict, "quote.expired", "The quote has expired. Ask for a new one.");
                return true;
            case { Kind: var quoted } when quoted != PurchaseStream.Word(kind):
                await context.Refuse(RefusalKind.Invalid, "quote.other_kind", $"The quote is for {quoted}.");
                return true;
            default:
                return false;
        }
    }

    sealed record Quote(string Kind, Guid ItemId, Guid TutorId, string Title, int Lessons, long PriceMinor, long FeeMinor, string Currency, Guid? CouponId, DateTime ExpiresAt, Guid? PurchaseId);

    sealed record Taken(bool Alone, bool Coupon);

    sealed record Other(Guid PurchaseId, bool Paid);
}
