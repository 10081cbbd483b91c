using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class RefundPurchaseTests(PaymentsFixture payments)
{
    [Fact]
    public async Task A_course_given_back_ends_access_and_returns_fee_and_share()
    {
        var purchase = await payments.Paid();

        await payments.Worker.Done(new RefundPurchase(purchase.Payer, purchase.Id, Guid.CreateVersion7(), null, "not for me"));

        await payments.Status(purchase, PurchaseStatus.Refunded);
        await payments.Worker.Event<EnrolmentRevoked>(e => e.PaymentId == purchase.Id);
        (await payments.Enrolled(purchase)).ShouldBeFalse();
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(0);
        var refunded = await payments.Worker.Event<PurchaseRefunded>(e => e.PurchaseId == purchase.Id);
        refunded.Whole.ShouldBeTrue();
        refunded.Amount.ShouldBe(new Money(10_000, "EUR"));
    }

    [Fact]
    public async Task Support_gives_back_a_part_in_proportion_and_access_stays()
    {
        var purchase = await payments.Paid();
        var support = PaymentsFixture.Support();

        await payments.Worker.Done(new RefundPurchase(support, purchase.Id, Guid.CreateVersion7(), 3_333, "late video"));
        await payments.Worker.Event<PurchaseRefunded>(e => e.PurchaseId == purchase.Id);

        (await payments.Status(purchase, PurchaseStatus.Fulfilled)).Refunded.MinorUnits.ShouldBe(3_333);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(2_000 - 667);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(8_000 - 2_666);
        (await payments.Enrolled(purchase)).ShouldBeTrue();

        // Parts never add up to more than was paid.
        (await payments.Worker.Refused(new RefundPurchase(support, purchase.Id, Guid.CreateVersion7(), 6_668, "more"))).Code.ShouldBe("refund.amount");
        await payments.Worker.Done(new RefundPurchase(support, purchase.Id, Guid.CreateVersion7(), 6_667, "the rest"));
        await payments.Status(purchase, PurchaseStatus.Refunded);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(0);
    }

    [Fact]
    public async Task Of_two_refunds_at_once_only_as_much_goes_back_as_was_paid()
    {
        var purchase = await payments.Paid();
        var support = PaymentsFixture.Support();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => payments.Worker.Ask(new RefundPurchase(support, purchase.Id, Guid.CreateVersion7(), 4_000, "hurry"))));

        answers.OfType<Done>().Count().ShouldBe(2);
        await payments.Until("SELECT refunded_minor = 8000 FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id }, "both refunds are made");
    }

    [Fact]
    public async Task A_payer_gives_back_only_whole_courses_and_strangers_nothing()
    {
        var purchase = await payments.Paid();

        (await payments.Worker.Refused(new RefundPurchase(purchase.Payer, purchase.Id, Guid.CreateVersion7(), 500, "a little"))).Code.ShouldBe("refund.course_is_whole");
        (await payments.Worker.Refused(new RefundPurchase(PaymentsFixture.Student(), purchase.Id, Guid.CreateVersion7(), null, "mine"))).Kind.ShouldBe(RefusalKind.NotFound);
        (await payments.Worker.Refused(new RefundPurchase(purchase.Item.Tutor, purchase.Id, Guid.CreateVersion7(), null, "mine"))).Kind.ShouldBe(RefusalKind.NotFound);
        var open = await payments.Started();
        (await payments.Worker.Refused(new RefundPurchase(open.Payer, open.Id, Guid.CreateVersion7(), null, "nothing"))).Code.ShouldBe("purchase.not_paid");
    }

    [Fact]
    public async Task A_refund_that_the_bank_sends_back_is_in_the_books_again_and_on_somebodys_desk()
    {
        var purchase = await payments.Paid(card: "pm_card_refundFail");
        var refund = Guid.CreateVersion7();
        await payments.Worker.Done(new RefundPurchase(PaymentsFixture.Support(), purchase.Id, refund, 5_000, "as agreed"));
        await payments.Worker.Event<PurchaseRefunded>(e => e.RefundId == refund);

        await payments.Simulate("clock/advance", new { seconds = 8 * 24 * 3600 });
        await payments.Until("SELECT EXISTS (SELECT 1 FROM payments.refund WHERE refund_id = @refund AND status = 'failed')", new { refund }, "the refund has failed");

        (await payments.View(purchase)).Refunded.MinorUnits.ShouldBe(0);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(8_000);
        (await payments.Read<long>("SELECT count(*) FROM payments.exception WHERE kind = 'refund_failed' AND reference = @reference", new { reference = $"refund/{refund}" })).ShouldBe(1);
    }
}
