using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class TransferTests(PaymentsFixture payments)
{
    [Fact]
    public async Task The_tutors_share_goes_to_the_tutors_account_out_of_the_learners_charge()
    {
        var tutor = await payments.Verified();

        var purchase = await payments.Paid(await payments.Course(tutor: tutor));

        await payments.AtStripe(tutor, 8_000);
        var transfer = (await payments.Transfers(purchase)).ShouldHaveSingleItem();
        transfer.GetProperty("amount").GetInt64().ShouldBe(8_000);
        transfer.GetProperty("destination").GetString().ShouldBe(await payments.AccountOf(tutor));
        transfer.GetProperty("source_transaction").GetString().ShouldBe(await payments.Read<string>("SELECT charge_id FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id }));
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(8_000); // It is the tutor's until it is in the bank.
    }

    [Fact]
    public async Task What_was_earned_before_the_account_is_verified_waits_for_it()
    {
        var tutor = PaymentsFixture.Tutor();
        var item = await payments.Course(tutor: tutor);
        var first = await payments.Paid(item);
        var second = await payments.Paid(item);
        (await payments.Transfers(first)).ShouldBeEmpty();

        await payments.Verified(tutor);

        await payments.AtStripe(tutor, 16_000);
        (await payments.Transfers(first)).Count.ShouldBe(1);
        (await payments.Transfers(second)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Lessons_are_transferred_one_by_one()
    {
        var tutor = await payments.Verified();
        var purchase = await payments.Paid(await payments.Lessons(3, 10_000, tutor: tutor));

        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 1));
        await payments.AtStripe(tutor, 2_667);
        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 2));
        await payments.AtStripe(tutor, 5_333);
        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 3));
        await payments.AtStripe(tutor, 8_000);
    }

    [Fact]
    public async Task However_often_and_at_once_it_is_decided_no_more_is_transferred_than_was_earned()
    {
        var tutor = PaymentsFixture.Tutor();
        var purchase = await payments.Paid(await payments.Course(tutor: tutor));
        await payments.Verified(tutor);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => payments.InTransaction(context => new TransferEarningsHandler().Handle(new TransferEarnings(tutor.Id, "EUR", purchase.Id), context))));

        await payments.AtStripe(tutor, 8_000);
        (await payments.Read<long>("SELECT count(*) FROM payments.transfer WHERE purchase_id = @Id", new { purchase.Id })).ShouldBe(1);
    }

    [Fact]
    public async Task A_transfer_whose_answer_is_lost_is_made_once()
    {
        var tutor = await payments.Verified();
        await payments.Simulate("faults", new { kind = "timeout_after_effect", count = 1, method = "POST", path = "/v1/transfers" });

        var purchase = await payments.Paid(await payments.Course(tutor: tutor));

        await payments.AtStripe(tutor, 8_000);
        (await payments.Transfers(purchase)).Count.ShouldBe(1);
        (await payments.HeldByStripe(await payments.AccountOf(tutor))).ShouldBe(8_000);
    }

    [Fact]
    public async Task Asked_again_after_Stripe_has_forgotten_the_key_nothing_is_moved_twice()
    {
        var tutor = await payments.Verified();
        var purchase = await payments.Paid(await payments.Course(tutor: tutor));
        await payments.AtStripe(tutor, 8_000);
        await Refund(purchase, 2_500);
        await payments.AtStripe(tutor, 6_000);
        var (account, transfer) = (await payments.AccountOf(tutor), (await payments.Transfers(purchase)).Single());
        var transferId = transfer.GetProperty("id").GetString()!;
        var reversal = transfer.GetProperty("reversals").GetProperty("data")[0];
        await payments.Simulate("clock/advance", new { seconds = 25 * 3600 });
        var stripe = payments.Worker.Host.Services.GetRequiredService<StripeApi>();
        static string CallOf(System.Text.Json.JsonElement made) => made.GetProperty("metadata").GetProperty("call_id").GetString()!;

        var transferAgain = await stripe.CreateTransfer(
            purchase.Id, account, transfer.GetProperty("source_transaction").GetString()!, new Money(8_000, "EUR"), CallOf(transfer), lookFirst: true, TestContext.Current.CancellationToken);
        var reversalAgain = await stripe.ReverseTransfer(transferId, new Money(2_000, "EUR"), CallOf(reversal), lookFirst: true, TestContext.Current.CancellationToken);

        transferAgain.ShouldBe(transferId);
        reversalAgain.ShouldBe(reversal.GetProperty("id").GetString());
        (await payments.HeldByStripe(account)).ShouldBe(6_000);
    }

    [Fact]
    public async Task A_lost_dispute_takes_the_tutors_part_back()
    {
        var tutor = await payments.Verified();
        var purchase = await payments.Paid(await payments.Course(tutor: tutor));
        await payments.AtStripe(tutor, 8_000);
        var charge = await payments.Read<string>("SELECT charge_id FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id });
        await payments.Simulate("disputes", new { charge, reason = "fraudulent" });
        var dispute = (await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id)).DisputeId;

        await payments.Simulate($"disputes/{dispute}/decide", new { outcome = "lost" });

        await payments.AtStripe(tutor, 0);
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_refund_takes_the_tutors_part_back()
    {
        var tutor = await payments.Verified();
        var purchase = await payments.Paid(await payments.Course(tutor: tutor));
        await payments.AtStripe(tutor, 8_000);

        await Refund(purchase, 3_333);
        await payments.AtStripe(tutor, 5_334);
        await Refund(purchase, 6_667);
        await payments.AtStripe(tutor, 0);

        (await payments.HeldByStripe(await payments.AccountOf(tutor))).ShouldBe(0);
        (await payments.Transfers(purchase)).ShouldHaveSingleItem().GetProperty("reversed").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_earned_while_money_is_being_taken_back_is_transferred_in_the_end()
    {
        var tutor = await payments.Verified();
        var first = await payments.Paid(await payments.Course(tutor: tutor));
        var lesson = await payments.Paid(await payments.Lessons(1, 10_000, tutor: tutor));
        await payments.AtStripe(tutor, 8_000);
        var transfer = (await payments.Transfers(first))[0].GetProperty("id").GetString();
        await payments.Simulate("faults", new { kind = "delay", milliseconds = 3_000, count = 1, method = "POST", path = $"/v1/transfers/{transfer}/reversals" });

        await Refund(first, 5_000);
        await payments.Until("SELECT EXISTS (SELECT 1 FROM payments.transfer WHERE purchase_id = @Id AND reversing_minor = 4000)", new { first.Id }, "the money is being taken back");
        await payments.Worker.Done(new ConfirmLesson(lesson.Payer, lesson.Id, 1));

        await payments.AtStripe(tutor, 12_000);
        (await payments.HeldByStripe(await payments.AccountOf(tutor))).ShouldBe(12_000);
    }

    [Fact]
    public async Task A_refund_after_the_payout_is_a_debt_that_later_earnings_make_up()
    {
        var tutor = await payments.Verified();
        var item = await payments.Course(tutor: tutor);
        var returned = await payments.Paid(item, card: "pm_card_bypassPending");
        await payments.AtStripe(tutor, 8_000);
        await payments.Worker.Done(new RequestPayout(tutor, Guid.CreateVersion7(), "EUR"));
        await payments.Worker.Event<PayoutSent>(e => e.TutorId == tutor.Id);

        await Refund(returned, 10_000);
        await payments.Until(
            "SELECT EXISTS (SELECT 1 FROM payments.reversal JOIN payments.transfer t USING (transfer_id) WHERE t.purchase_id = @Id AND reversal.status = 'refused')", new { returned.Id }, "Stripe has refused the reversal");
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(-7_200);
        (await payments.Worker.Refused(new RequestPayout(tutor, Guid.CreateVersion7(), "EUR"))).Code.ShouldBe("payout.nothing_available");
        (await payments.Read<long>("SELECT count(*) FROM payments.exception e JOIN payments.reversal r ON e.reference = 'reversal/' || r.reversal_id JOIN payments.transfer t USING (transfer_id) WHERE t.purchase_id = @Id", new { returned.Id })).ShouldBe(1);

        // 800 lie at Stripe still: of 16,000 earned, 7,200 are kept and the rest is transferred.
        await payments.Paid(item);
        await payments.Paid(item);
        await payments.AtStripe(tutor, 8_800);
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(8_800);
        (await payments.HeldByStripe(await payments.AccountOf(tutor))).ShouldBe(8_800);
    }

    [Fact]
    public async Task What_a_failed_refund_brings_back_is_transferred_again()
    {
        var tutor = await payments.Verified();
        var purchase = await payments.Paid(await payments.Course(tutor: tutor), card: "pm_card_refundFail");
        await payments.AtStripe(tutor, 8_000);
        await Refund(purchase, 2_000);
        await payments.AtStripe(tutor, 6_400);

        await payments.Simulate("clock/advance", new { seconds = 2 * 3600 });

        await payments.AtStripe(tutor, 8_000);
    }

    [Fact]
    public async Task Nothing_is_transferred_of_what_a_bank_disputes_until_it_is_won()
    {
        var tutor = PaymentsFixture.Tutor();
        var purchase = await payments.Started(await payments.Course(tutor: tutor));
        using var confirmed = await payments.Confirm(purchase, "pm_card_createDispute");
        await payments.Worker.Event<PurchaseFulfilled>(e => e.PurchaseId == purchase.Id);
        var dispute = (await payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == purchase.Id)).DisputeId;
        await payments.Verified(tutor);
        await payments.InTransaction(context => new TransferEarningsHandler().Handle(new TransferEarnings(tutor.Id, "EUR", purchase.Id), context));
        (await payments.Read<long>("SELECT count(*) FROM payments.transfer WHERE purchase_id = @Id", new { purchase.Id })).ShouldBe(0);

        await payments.Simulate($"disputes/{dispute}/decide", new { outcome = "won" });

        await payments.AtStripe(tutor, 8_000);
    }

    async Task Refund(TestPurchase purchase, long amount)
        => await payments.Worker.Done(new RefundPurchase(PaymentsFixture.Support(), purchase.Id, Guid.CreateVersion7(), amount, "as agreed"));
}
