using EdTech.Contracts;

namespace EdTech.Payments;

/// <summary>
/// Where the money of a purchase stands, as a function of its state. What a purchase's event posts is the difference of the positions after and before, so every set
/// balances, and any order of refunds, lessons and disputes that leads to the same state leads to the same balances.
/// </summary>
static class PurchaseMoney
{
    /// <summary>The fee of a price: half-even to the unit that can be charged. The remainder is the tutor's.</summary>
    public static long FeeOf(long price, int basisPoints, string currency) => Part(price, basisPoints, 10_000, currency);

    /// <summary>amount × numerator / denominator, rounded half-even to the currency's chargeable unit.</summary>
    public static long Part(long amount, long numerator, long denominator, string currency)
    {
        if (denominator == 0)
            return 0;
        var unit = StripeAmounts.Unit(currency);
        var divisor = (Int128)denominator * unit;
        var (whole, rest) = Int128.DivRem((Int128)amount * numerator, divisor);
        var twice = rest * 2;
        if (twice > divisor || (twice == divisor && Int128.IsOddInteger(whole)))
            whole++;
        return checked((long)(whole * unit));
    }

    /// <summary>What has been released to the tutor, net of what was taken back: the delivered share of what the refunds have left.</summary>
    public static long Released(Purchase purchase)
    {
        var live = purchase.Lessons - purchase.LessonsCancelled;
        return purchase.LessonsGiven == live ? TutorShare(purchase) : Part(TutorShare(purchase), purchase.LessonsGiven, live, purchase.Currency);
    }

    /// <summary>The tutor's part of what the refunds have left.</summary>
    public static long TutorShare(Purchase purchase) => purchase.CapturedAmount - GoneBack(purchase) - FeeLeft(purchase);

    /// <summary>The platform's fee, earned when the last lesson is given: until then the whole package can still be refunded.</summary>
    public static long FeeEarned(Purchase purchase) => purchase.IsDelivered && purchase.PaidAt is not null ? FeeLeft(purchase) : 0;

    /// <summary>The sum of it all per account; zero in total.</summary>
    public static IReadOnlyList<Posting> Positions(Purchase purchase)
    {
        var back = purchase.Refunded + purchase.ChargedBack;
        var disputed = purchase.OpenDisputes.Values.Sum();
        var released = Released(purchase);
        // Refunded and charged back both: the platform bears what exceeds the price.
        var fee = FeeEarned(purchase) - (back - GoneBack(purchase));
        return
        [
            new(Accounts.Stripe, Accounts.Platform, purchase.CapturedAmount - purchase.StripeFees - back - disputed),
            new(Accounts.StripeFees, Accounts.Platform, purchase.StripeFees),
            new(Accounts.Disputed, Accounts.Platform, disputed),
            new(Accounts.Tutor, purchase.TutorId, -released),
            new(Accounts.PlatformFees, Accounts.Platform, -fee),
            new(Accounts.Held, purchase.PayerId, -(purchase.CapturedAmount - back - released - fee)),
        ];
    }

    /// <summary>What an event has to post. What comes from or goes to the learner shows on the learner's account as well, in and out.</summary>
    public static IReadOnlyList<Posting> Movements(Purchase? before, Purchase after)
    {
        var old = before is null ? [] : Positions(before);
        var movements = Positions(after)
            .Select((p, i) => p with { Amount = p.Amount - (before is null ? 0 : old[i].Amount) })
            .Where(p => p.Amount != 0)
            .ToList();
        var paid = after.CapturedAmount - after.Refunded - ((before?.CapturedAmount ?? 0) - (before?.Refunded ?? 0));
        if (paid != 0)
        {
            movements.Add(new(Accounts.Learner, after.PayerId, -paid));
            movements.Add(new(Accounts.Learner, after.PayerId, paid));
        }

        return movements;
    }

    static long GoneBack(Purchase purchase) => Math.Min(purchase.Refunded + purchase.ChargedBack, purchase.CapturedAmount);

    static long FeeLeft(Purchase purchase) => purchase.PaidAt is null ? 0 : purchase.Fee - Part(purchase.Fee, GoneBack(purchase), purchase.CapturedAmount, purchase.Currency);
}
