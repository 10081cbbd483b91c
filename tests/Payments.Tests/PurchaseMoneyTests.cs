using CsCheck;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class PurchaseMoneyTests
{
    static readonly string[] Currencies = ["EUR", "JPY", "KRW", "ISK", "KWD", "TND", "USD"];

    [Theory]
    [InlineData(10_000, 2000, "EUR", 2000)]
    [InlineData(1, 2000, "EUR", 0)]
    [InlineData(25, 2000, "EUR", 5)]
    [InlineData(250, 1000, "JPY", 25)]
    [InlineData(25, 1000, "JPY", 2)] // 2.5 goes to the even 2
    [InlineData(35, 1000, "JPY", 4)] // 3.5 goes to the even 4
    [InlineData(12_340, 2000, "KWD", 2470)] // 2468 fils: Stripe charges tens
    [InlineData(12_250, 2000, "KWD", 2450)]
    [InlineData(125, 2000, "KWD", 20)] // 25 fils lie between 20 and 30; 2 tens are even
    [InlineData(1_000_000_000, 10_000, "USD", 1_000_000_000)]
    public void The_fee_is_rounded_half_even_to_what_can_be_charged(long price, int basisPoints, string currency, long fee)
        => PurchaseMoney.FeeOf(price, basisPoints, currency).ShouldBe(fee);

    [Fact]
    public void A_package_releases_lesson_by_lesson_and_takes_the_fee_at_the_end()
    {
        // italki's published example: ten lessons at 10.00, a fee of 15 %. Nine times 8.50, then 23.50 - 15.00.
        var purchase = Paid(PurchaseKind.Lessons, lessons: 10, price: 10_000, fee: 1_500, "EUR");
        for (var lesson = 1; lesson <= 9; lesson++)
        {
            var after = Purchase.Apply(purchase, purchase.Id, new PurchaseEvent.LessonGiven(lesson));
            PurchaseMoney.Movements(purchase, after).ShouldBe([new(Accounts.Tutor, purchase.TutorId, -850), new(Accounts.Held, purchase.PayerId, 850)]);
            purchase = after;
        }

        var last = Purchase.Apply(purchase, purchase.Id, new PurchaseEvent.LessonGiven(10));
        PurchaseMoney.Movements(purchase, last).ShouldBe(
        [
            new(Accounts.Tutor, purchase.TutorId, -850),
            new(Accounts.PlatformFees, Accounts.Platform, -1_500),
            new(Accounts.Held, purchase.PayerId, 2_350),
        ]);
        last.Status.ShouldBe(PurchaseStatus.Fulfilled);
    }

    [Fact]
    public void A_refund_takes_fee_and_share_back_in_proportion()
    {
        var enrolled = Purchase.Apply(Paid(PurchaseKind.Course, 1, 10_000, 2_000, "EUR"), Guid.Empty, new PurchaseEvent.Enrolled(Guid.NewGuid()));
        var refund = Guid.NewGuid();
        var asked = Purchase.Apply(enrolled, enrolled.Id, new PurchaseEvent.RefundAsked(refund, 2_500, 0, "half a day late"));
        var made = Purchase.Apply(asked, enrolled.Id, new PurchaseEvent.RefundMade(refund, "re_1"));

        PurchaseMoney.Movements(enrolled, asked).ShouldBeEmpty();
        var movements = PurchaseMoney.Movements(asked, made);
        movements.ShouldContain(new Posting(Accounts.Stripe, Accounts.Platform, -2_500));
        movements.ShouldContain(new Posting(Accounts.Tutor, enrolled.TutorId, 2_000));
        movements.ShouldContain(new Posting(Accounts.PlatformFees, Accounts.Platform, 500));
    }

    [Fact]
    public void A_lost_dispute_after_a_whole_refund_is_the_platforms_loss()
    {
        var purchase = Purchase.Apply(Paid(PurchaseKind.Course, 1, 10_000, 2_000, "EUR"), Guid.Empty, new PurchaseEvent.Enrolled(Guid.NewGuid()));
        var refund = Guid.NewGuid();
        foreach (var e in new PurchaseEvent[]
        {
            new PurchaseEvent.RefundAsked(refund, 10_000, 0, "sorry"), new PurchaseEvent.RefundMade(refund, "re_1"),
            new PurchaseEvent.DisputeBegun("dp_1", 10_000, 1_500), new PurchaseEvent.DisputeLost("dp_1"),
        })
        {
            purchase = Purchase.Apply(purchase, purchase.Id, e);
        }

        var positions = PurchaseMoney.Positions(purchase);
        positions.Sum(p => p.Amount).ShouldBe(0);
        positions.Single(p => p.Account == Accounts.Tutor).Amount.ShouldBe(0);
        positions.Single(p => p.Account == Accounts.PlatformFees).Amount.ShouldBe(10_000);
        purchase.Status.ShouldBe(PurchaseStatus.Refunded);
    }

    /// <summary>Whatever happens to a purchase in whatever order: it balances, releases no more than was paid, and ends where the sums say.</summary>
    [Fact]
    public void Any_history_balances_and_parts_make_the_whole()
        => Gen.Select(
                Gen.Int[0, 6].Select(i => Currencies[i]),
                Gen.Bool,
                Gen.Int[1, 12],
                Gen.Int[10, 100_000],
                Gen.Int[0, 10_000],
                Gen.Select(Gen.Int[0, 7], Gen.Int[1, 100]).Array[0, 30])
            .Sample((currency, course, lessons, hundreds, basisPoints, steps) =>
            {
                var unit = StripeAmounts.Unit(currency);
                var price = (long)hundreds * 10 * unit;
                var purchase = Paid(course ? PurchaseKind.Course : PurchaseKind.Lessons, course ? 1 : lessons, price, PurchaseMoney.FeeOf(price, basisPoints, currency), currency);
                var ledger = new Dictionary<(string, Guid), long>();
                Post(ledger, PurchaseMoney.Movements(null, purchase));
                foreach (var (step, percent) in steps)
                {
                    if (Next(purchase, step, percent, unit) is not { } happened)
                        continue;
                    var after = Purchase.Apply(purchase, purchase.Id, happened);
                    Post(ledger, PurchaseMoney.Movements(purchase, after));
                    purchase = after;

                    ledger.Values.Sum().ShouldBe(0, happened.ToString());
                    ledger.GetValueOrDefault((Accounts.Learner, purchase.PayerId)).ShouldBe(0);
                    PurchaseMoney.Released(purchase).ShouldBeInRange(0, purchase.Price - purchase.Fee);
                    (PurchaseMoney.Released(purchase) % unit).ShouldBe(0);
                    ledger.GetValueOrDefault((Accounts.Held, purchase.PayerId)).ShouldBeLessThanOrEqualTo(0);
                    purchase.Refundable.ShouldBeGreaterThanOrEqualTo(0);
                    purchase.RefundableByPayer(purchase.PaidAt!.Value).ShouldBeInRange(0, purchase.Refundable);
                }

                // captured = platform + tutor + Stripe + what went back + what is held or in a bank's hands
                var platform = -ledger.GetValueOrDefault((Accounts.PlatformFees, Accounts.Platform)) - ledger.GetValueOrDefault((Accounts.StripeFees, Accounts.Platform));
                var tutor = -ledger.GetValueOrDefault((Accounts.Tutor, purchase.TutorId));
                var held = -ledger.GetValueOrDefault((Accounts.Held, purchase.PayerId));
                purchase.CapturedAmount.ShouldBe(platform + tutor + purchase.StripeFees + purchase.Refunded + purchase.ChargedBack + held);
                if (purchase.IsDelivered)
                    held.ShouldBe(0);
            }, iter: 5_000);

    static PurchaseEvent? Next(Purchase purchase, int step, int percent, int unit)
    {
        var amount = purchase.Refundable * percent / 100 / unit * unit;
        var asked = purchase.Refunds.FirstOrDefault(r => r.State == RefundState.Asked);
        return step switch
        {
            0 when purchase is { Kind: PurchaseKind.Course, EnrolmentId: null } => new PurchaseEvent.Enrolled(Guid.NewGuid()),
            0 or 1 when purchase.Kind == PurchaseKind.Lessons && purchase.LessonsGiven + purchase.LessonsCancelled + purchase.Refunds.Where(r => r.State == RefundState.Asked).Sum(r => r.Lessons) < purchase.Lessons
                => new PurchaseEvent.LessonGiven(purchase.LessonsGiven + 1),
            2 when amount > 0 => new PurchaseEvent.RefundAsked(Guid.NewGuid(), amount, purchase.LessonsIn(amount), "any"),
            3 when asked is not null => new PurchaseEvent.RefundMade(asked.Id, "re_any"),
            4 when purchase.Refunds.FirstOrDefault(r => r.State != RefundState.Bounced) is { } bouncing => new PurchaseEvent.RefundBounced(bouncing.Id, "any"),
            5 when amount > 0 && purchase.OpenDisputes.IsEmpty => new PurchaseEvent.DisputeBegun($"dp_{purchase.Version}", amount, 1_500),
            6 when !purchase.OpenDisputes.IsEmpty => new PurchaseEvent.DisputeWon(purchase.OpenDisputes.Keys.First(), percent % 2 == 0 ? 1_500 : 0),
            7 when !purchase.OpenDisputes.IsEmpty => new PurchaseEvent.DisputeLost(purchase.OpenDisputes.Keys.First()),
            _ => null,
        };
    }

    static void Post(Dictionary<(string, Guid), long> ledger, IReadOnlyList<Posting> postings)
    {
        foreach (var posting in postings)
            ledger[(posting.Account, posting.Owner)] = ledger.GetValueOrDefault((posting.Account, posting.Owner)) + posting.Amount;
    }

    static Purchase Paid(PurchaseKind kind, int lessons, long price, long fee, string currency)
    {
        var id = Guid.NewGuid();
        var started = Purchase.Apply(null, id, new PurchaseEvent.Started(kind, Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "A title", lessons, price, fee, currency, Guid.NewGuid(), DateTimeOffset.UnixEpoch));
        return Purchase.Apply(started, id, new PurchaseEvent.Captured("ch_1", price, 59, DateTimeOffset.UnixEpoch));
    }
}
