using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class OfferLessonsHandler : IHandleMessages<OfferLessons>
{
    public async Task Handle(OfferLessons command, IMessageHandlerContext context)
    {
        var (price, currency) = (command.Price.MinorUnits, command.Price.Currency);
        if (StripeAmounts.Minimum(currency) is not { } minimum)
        {
            await context.Refuse(RefusalKind.Invalid, "offer.currency_not_sold", "Lessons are not sold in this currency.");
            return;
        }

        if (price < minimum)
        {
            await context.Refuse(RefusalKind.Invalid, "offer.below_minimum", $"A card cannot be charged less than {minimum} minor units of {currency}.");
            return;
        }

        if (price % StripeAmounts.Unit(currency) != 0)
        {
            await context.Refuse(RefusalKind.Invalid, "offer.price_not_chargeable", $"Cards are charged in steps of {StripeAmounts.Unit(currency)} minor units of {currency}.");
            return;
        }

        // Somebody else's offer, or one that was withdrawn, is not replaced; and a stranger does not learn which it was.
        var version = await context.Db.QuerySingleOrDefaultAsync<long?>(
            """
            INSERT INTO payments.lesson_offer AS o (offer_id, tutor_id, title, lessons, price_minor, currency, changed_at)
            VALUES (@OfferId, @tutor, @Title, @Lessons, @price, @currency, @Now)
            ON CONFLICT (offer_id) DO UPDATE
            SET title = EXCLUDED.title,
                lessons = EXCLUDED.lessons,
                price_minor = EXCLUDED.price_minor,
                currency = EXCLUDED.currency,
                version = o.version + 1,
                changed_at = EXCLUDED.changed_at
            WHERE o.tutor_id = EXCLUDED.tutor_id AND o.withdrawn_at IS NULL
            RETURNING version
            """,
            new { command.OfferId, tutor = command.By.Id, command.Title, command.Lessons, price, currency, context.Now });
        if (version is null)
        {
            await context.Refuse(RefusalKind.NotFound, "offer.not_found", "There is no such offer of yours.");
            return;
        }

        await context.Audit(command.OfferId, command.By, nameof(OfferLessons), ("price", FormattableString.Invariant($"{price} {currency}")));
        await context.Reply(new Done(command.OfferId, version.Value));
    }
}
