using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class DisputeTests(PaymentsFixture payments)
{
    [Fact]
    public async Task A_dispute_takes_the_money_for_the_time_being_and_is_answered_without_anybody()
    {
        var purchase = await Paid();
        var opened = await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id);

        opened.Amount.ShouldBe(new Money(10_000, "EUR"));
        (await payments.Moved(purchase, Accounts.Disputed)).ShouldBe(10_000);
        (await payments.Moved(purchase, Accounts.StripeFees)).ShouldBe(320 + 1_500);
        await payments.Until("SELECT outcome = 'done' FROM payments.stripe_call WHERE call_id = @call AND settled_at IS NOT NULL UNION ALL SELECT false LIMIT 1", new { call = $"evidence/{opened.DisputeId}/staged" }, "the evidence is laid out");

        await payments.SendLocal(new SubmitEvidenceInTime(opened.DisputeId, purchase.Id));
        await payments.Until("SELECT evidence_submitted_at IS NOT NULL AND status = 'under_review' FROM payments.dispute WHERE dispute_id = @DisputeId", new { opened.DisputeId }, "the evidence is in");
    }

    [Fact]
    public async Task A_won_dispute_brings_the_money_back()
    {
        var purchase = await Disputed();

        await Decide(purchase, "won");

        (await payments.Worker.Event<DisputeClosed>(e => e.PurchaseId == purchase.Id)).Won.ShouldBeTrue();
        await payments.Status(purchase, PurchaseStatus.Fulfilled);
        (await payments.Moved(purchase, Accounts.Disputed)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(8_000);
        (await payments.Enrolled(purchase)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_lost_dispute_ends_access_and_is_borne_by_tutor_and_platform_in_proportion()
    {
        var purchase = await Disputed();

        await Decide(purchase, "lost");

        (await payments.Worker.Event<DisputeClosed>(e => e.PurchaseId == purchase.Id)).Won.ShouldBeFalse();
        await payments.Status(purchase, PurchaseStatus.ChargedBack);
        await payments.Worker.Event<EnrolmentRevoked>(e => e.PaymentId == purchase.Id);
        (await payments.Moved(purchase, Accounts.Disputed)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(0);
        (await payments.Enrolled(purchase)).ShouldBeFalse();
        (await payments.Worker.Refused(new RefundPurchase(PaymentsFixture.Support(), purchase.Id, Guid.CreateVersion7(), null, "sorry"))).Code.ShouldBe("refund.nothing_left");
    }

    [Fact]
    public async Task What_a_bank_disputes_cannot_be_refunded_meanwhile()
    {
        var purchase = await Disputed();

        (await payments.Worker.Refused(new RefundPurchase(PaymentsFixture.Support(), purchase.Id, Guid.CreateVersion7(), null, "sorry"))).Code.ShouldBe("refund.nothing_left");
    }

    [Fact]
    public async Task Only_support_answers_and_lists_disputes()
    {
        var purchase = await Disputed();
        var dispute = (await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id)).DisputeId;

        (await payments.Worker.Refused(new SubmitDisputeEvidence(purchase.Item.Tutor, dispute, "I was there."))).Kind.ShouldBe(RefusalKind.Forbidden);
        using var tutor = payments.Worker.Api(purchase.Item.Tutor);
        (await tutor.GetAsync(new Uri("/internal/payments/disputes", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        (await payments.Worker.Refused(new SubmitDisputeEvidence(PaymentsFixture.Support(), "dp_unknown", "What?"))).Kind.ShouldBe(RefusalKind.NotFound);
    }

    async Task<TestPurchase> Disputed()
    {
        var purchase = await Paid();
        await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id);
        return purchase;
    }

    [Fact]
    public async Task Support_answers_once()
    {
        var purchase = await Disputed();
        var dispute = (await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id)).DisputeId;

        await payments.Worker.Done(new SubmitDisputeEvidence(PaymentsFixture.Support(), dispute, "winning_evidence"));

        (await payments.Worker.Event<DisputeClosed>(e => e.DisputeId == dispute)).Won.ShouldBeTrue();
        (await payments.Worker.Refused(new SubmitDisputeEvidence(PaymentsFixture.Support(), dispute, "And another thing."))).Code.ShouldBe("dispute.closed");
    }

    /// <summary>Paid and enrolled; the bank's dispute follows at once.</summary>
    async Task<TestPurchase> Paid()
    {
        var purchase = await payments.Started();
        using var confirmed = await payments.Confirm(purchase, "pm_card_createDispute");
        await payments.Worker.Event<PurchaseFulfilled>(e => e.PurchaseId == purchase.Id);
        return purchase;
    }

    async Task Decide(TestPurchase purchase, string outcome)
    {
        var dispute = (await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id)).DisputeId;
        await payments.Simulate($"disputes/{dispute}/decide", new { outcome });
        await payments.Worker.Event<DisputeClosed>(e => e.DisputeId == dispute);
    }
}
