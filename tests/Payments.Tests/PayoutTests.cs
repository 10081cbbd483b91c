using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class PayoutTests(PaymentsFixture payments)
{
    const int TwoDays = 2 * 24 * 3600 + 60;

    [Fact]
    public async Task A_payout_sends_what_has_arrived_and_keeps_the_reserve()
    {
        var tutor = await Earning();
        var payout = Guid.CreateVersion7();

        await payments.Worker.Done(new RequestPayout(tutor, payout, "EUR"));

        (await payments.Worker.Event<PayoutSent>(e => e.PayoutId == payout)).Amount.ShouldBe(new Money(7_200, "EUR"));
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(800);
        (await payments.Balance(Accounts.Connected, tutor.Id)).ShouldBe(800);
        await payments.Simulate("clock/advance", new { seconds = TwoDays });
        await Status(payout, "paid");
        (await View(tutor, payout)).ArrivesAt.ShouldNotBeNull();
        (await payments.Worker.Refused(new RequestPayout(tutor, Guid.CreateVersion7(), "EUR"))).Code.ShouldBe("payout.nothing_available");
    }

    [Fact]
    public async Task A_payout_that_the_bank_refuses_is_the_tutors_again()
    {
        var tutor = await Earning("accountClosed");
        var payout = Guid.CreateVersion7();
        await payments.Worker.Done(new RequestPayout(tutor, payout, "EUR"));
        await payments.Worker.Event<PayoutSent>(e => e.PayoutId == payout);

        await payments.Simulate("clock/advance", new { seconds = TwoDays });

        (await payments.Worker.Event<PayoutFailed>(e => e.PayoutId == payout)).Code.ShouldBe("account_closed");
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(8_000);
        (await payments.Balance(Accounts.Connected, tutor.Id)).ShouldBe(8_000);
        var view = await View(tutor, payout);
        (view.Status, view.FailureCode).ShouldBe(("failed", "account_closed"));
    }

    [Fact]
    public async Task A_payout_that_Stripe_refuses_is_the_tutors_again()
    {
        var tutor = await Earning(card: "pm_card_visa");
        var payout = Guid.CreateVersion7();

        // The card's money has not arrived, whatever the message says.
        await Decide(tutor, payout, available: 8_000);

        (await payments.Worker.Event<PayoutFailed>(e => e.PayoutId == payout)).Code.ShouldBe("balance_insufficient");
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(8_000);
        (await payments.Balance(Accounts.Connected, tutor.Id)).ShouldBe(8_000);
    }

    [Fact]
    public async Task What_was_said_of_a_payout_before_is_not_believed_after()
    {
        var tutor = await Earning("accountClosed");
        var payout = Guid.CreateVersion7();
        await payments.Worker.Done(new RequestPayout(tutor, payout, "EUR"));
        await payments.Worker.Event<PayoutSent>(e => e.PayoutId == payout);
        await payments.Simulate("clock/advance", new { seconds = TwoDays });
        await payments.Worker.Event<PayoutFailed>(e => e.PayoutId == payout);
        var id = (await payments.Read<string>("SELECT stripe_payout_id FROM payments.payout WHERE payout_id = @payout", new { payout }))!;

        foreach (var status in new[] { "in_transit", "failed", "paid", "failed" })
            await payments.InTransaction(context => new RecordPayoutHandler().Handle(new RecordPayout(payout, new(id, payout.ToString(), status, null, DateTimeOffset.UtcNow), null, null), context));

        (await View(tutor, payout)).Status.ShouldBe("failed");
        (await payments.Balance(Accounts.Tutor, tutor.Id)).ShouldBe(8_000);
    }

    [Fact]
    public async Task Of_many_payouts_at_once_one_is_made()
    {
        var tutor = await Earning();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Decide(tutor, Guid.CreateVersion7(), available: 8_000)));

        (await payments.Worker.Event<PayoutSent>(e => e.TutorId == tutor.Id)).Amount.MinorUnits.ShouldBe(7_200);
        (await payments.Read<long>("SELECT count(*) FROM payments.payout WHERE tutor_id = @Id", new { tutor.Id })).ShouldBe(1);
    }

    [Fact]
    public async Task A_payout_whose_answer_is_lost_is_made_once()
    {
        var tutor = await Earning();
        var account = await payments.AccountOf(tutor);
        var payout = Guid.CreateVersion7();
        await payments.Simulate("faults", new { kind = "timeout_after_effect", count = 1, method = "POST", path = "/v1/payouts" });

        await payments.Worker.Done(new RequestPayout(tutor, payout, "EUR"));

        await payments.Worker.Event<PayoutSent>(e => e.PayoutId == payout);
        (await payments.Ask("/v1/payouts?limit=100", account)).GetProperty("data").GetArrayLength().ShouldBe(1);
        (await payments.HeldByStripe(account)).ShouldBe(800);
    }

    [Fact]
    public async Task Asked_again_after_Stripe_has_forgotten_the_key_nobody_is_paid_twice()
    {
        var tutor = await Earning();
        var payout = Guid.CreateVersion7();
        await payments.Worker.Done(new RequestPayout(tutor, payout, "EUR"));
        await payments.Worker.Event<PayoutSent>(e => e.PayoutId == payout);
        var account = await payments.AccountOf(tutor);
        await payments.Simulate("clock/advance", new { seconds = 25 * 3600 });
        var stripe = payments.Worker.Host.Services.GetRequiredService<StripeApi>();

        var again = await stripe.CreatePayout(payout, account, new Money(400, "EUR"), new MakePayout(payout).CallId, lookFirst: true, TestContext.Current.CancellationToken);

        again.PayoutId.ShouldBe(await payments.Read<string>("SELECT stripe_payout_id FROM payments.payout WHERE payout_id = @payout", new { payout }));
        (await payments.HeldByStripe(account)).ShouldBe(800);
    }

    [Fact]
    public async Task No_more_is_sent_than_has_arrived_and_nothing_below_the_minimum()
    {
        var tutor = await Earning();
        await payments.Worker.Done(new ChangePayoutSettings(tutor, PayoutInterval.Manual, 5_000, null));
        var payout = Guid.CreateVersion7();

        await Decide(tutor, payout, available: 3_000, byHand: false);
        await Decide(tutor, payout, available: 0);
        (await payments.Read<long>("SELECT count(*) FROM payments.payout WHERE tutor_id = @Id", new { tutor.Id })).ShouldBe(0);

        await Decide(tutor, payout, available: 3_000);
        (await payments.Worker.Event<PayoutSent>(e => e.PayoutId == payout)).Amount.MinorUnits.ShouldBe(3_000);
    }

    [Fact]
    public async Task Forint_leave_in_whole_ones()
    {
        var tutor = await payments.Verified();
        await payments.Paid(await payments.Course(1_234_567, "HUF", tutor), card: "pm_card_bypassPending");
        await payments.AtStripe(tutor, 987_654, "HUF");

        await payments.Worker.Done(new RequestPayout(tutor, Guid.CreateVersion7(), "HUF"));

        // 987,654 less a reserve of 98,765 is 888,889.
        (await payments.Worker.Event<PayoutSent>(e => e.TutorId == tutor.Id)).Amount.ShouldBe(new Money(888_800, "HUF"));
    }

    [Fact]
    public async Task Who_is_due_is_paid_out_once_a_day()
    {
        var daily = await Earning();
        var monthly = await Earning();
        await payments.Worker.Done(new ChangePayoutSettings(daily, PayoutInterval.Daily, 0, null));
        await payments.Worker.Done(new ChangePayoutSettings(monthly, PayoutInterval.Monthly, 0, null));
        var tuesday = new SchedulePayouts(PaymentsFixture.Admin(), new DateOnly(2031, 1, 7));

        await payments.Worker.Send(tuesday);
        await payments.Worker.Event<PayoutSent>(e => e.TutorId == daily.Id);
        await payments.Paid(await payments.Course(tutor: daily), card: "pm_card_bypassPending");
        await payments.AtStripe(daily, 8_800);
        await payments.Worker.Send(tuesday);
        await payments.Worker.Send(tuesday with { Day = new DateOnly(2031, 1, 8) });

        await payments.Until("SELECT count(*) = 2 FROM payments.payout WHERE tutor_id = @Id AND status <> 'pending'", new { daily.Id }, "the next day's payout is sent");
        (await payments.Balance(Accounts.Connected, daily.Id)).ShouldBe(1_600);
        (await payments.Read<long>("SELECT count(*) FROM payments.payout WHERE tutor_id = @Id", new { monthly.Id })).ShouldBe(0);
    }

    [Fact]
    public async Task Payouts_are_refused_with_a_reason()
    {
        var tutor = PaymentsFixture.Tutor();

        (await payments.Worker.Refused(new RequestPayout(PaymentsFixture.Student(), Guid.CreateVersion7(), "EUR"))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await payments.Worker.Refused(new RequestPayout(tutor, Guid.CreateVersion7(), "eur"))).Code.ShouldBe("payout.currency");
        (await payments.Worker.Refused(new RequestPayout(tutor, Guid.CreateVersion7(), "EUR"))).Code.ShouldBe("payout.not_enabled");
        await payments.Verified(tutor);
        (await payments.Worker.Refused(new RequestPayout(tutor, Guid.CreateVersion7(), "EUR"))).Code.ShouldBe("payout.nothing_available");
    }

    [Fact]
    public async Task Settings_change_only_as_they_were_read()
    {
        var tutor = PaymentsFixture.Tutor();

        var first = await payments.Worker.Done(new ChangePayoutSettings(tutor, PayoutInterval.Daily, 1_000, 1));
        (await payments.Worker.Refused(new ChangePayoutSettings(tutor, PayoutInterval.Monthly, 0, 1))).Kind.ShouldBe(RefusalKind.Stale);
        await payments.Worker.Done(new ChangePayoutSettings(tutor, PayoutInterval.Monthly, 0, first.Version));

        (await payments.Worker.Refused(new ChangePayoutSettings(tutor, PayoutInterval.Daily, -1, null))).Code.ShouldBe("payout.minimum");
        (await payments.Worker.Refused(new ChangePayoutSettings(PaymentsFixture.Student(), PayoutInterval.Daily, 0, null))).Kind.ShouldBe(RefusalKind.Forbidden);
    }

    /// <summary>A verified tutor with 8,000 at Stripe, and only paid out when asked for.</summary>
    async Task<Actor> Earning(string? bankFailure = null, string card = "pm_card_bypassPending")
    {
        var tutor = await payments.Verified(bankFailure: bankFailure);
        await payments.Worker.Done(new ChangePayoutSettings(tutor, PayoutInterval.Manual, 0, null));
        await payments.Paid(await payments.Course(tutor: tutor), card: card);
        await payments.AtStripe(tutor, 8_000);
        return tutor;
    }

    Task Decide(Actor tutor, Guid payout, long available, bool byHand = true)
        => payments.InTransaction(context => new DecidePayoutHandler(new ConfigurationBuilder().Build()).Handle(new DecidePayout(payout, tutor.Id, "EUR", byHand, available), context));

    Task Status(Guid payout, string status)
        => payments.Until("SELECT EXISTS (SELECT 1 FROM payments.payout WHERE payout_id = @payout AND status = @status)", new { payout, status }, $"payout {payout} is {status}");

    async Task<PayoutView> View(Actor tutor, Guid payout)
    {
        using var api = payments.Worker.Api(tutor);
        return (await api.GetFromJsonAsync<Page<PayoutView>>("/internal/payments/me/payouts"))!.Items.Single(p => p.PayoutId == payout);
    }
}
