using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class EarningsReportTests(PaymentsFixture payments)
{
    [Fact]
    public async Task Earnings_tell_what_is_held_from_what_is_earned()
    {
        var tutor = PaymentsFixture.Tutor();
        await payments.Paid(await payments.Course(10_000, "EUR", tutor));
        var lessons = await payments.Paid(await payments.Lessons(4, 10_000, "EUR", tutor));
        await payments.Worker.Done(new ConfirmLesson(lessons.Payer, lessons.Id, 1));

        var earnings = await Read<EarningsView>(tutor, "me/earnings");

        var euro = earnings.Balances.ShouldHaveSingleItem();
        (euro.Currency, euro.Held.MinorUnits, euro.Balance.MinorUnits, euro.Reserve.MinorUnits).ShouldBe(("EUR", 6_000, 10_000, 1_000));
        (euro.AtStripe.MinorUnits, euro.Available.MinorUnits, euro.PaidOut.MinorUnits).ShouldBe((0, 0, 0));
        (await Read<EarningsView>(PaymentsFixture.Tutor(), "me/earnings")).Balances.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tax_report_has_what_was_credited_and_loses_what_goes_back()
    {
        var tutor = PaymentsFixture.Tutor();
        await payments.Paid(await payments.Course(10_000, "EUR", tutor));
        var returned = await payments.Paid(await payments.Course(5_000, "EUR", tutor));
        await payments.Worker.Done(new RefundPurchase(returned.Payer, returned.Id, Guid.CreateVersion7(), null, "Not for me."));
        await payments.Status(returned, PurchaseStatus.Refunded);
        var now = DateTimeOffset.UtcNow;

        var report = await Read<TaxReportView>(tutor, $"me/tax-reports/{now.Year}");

        var quarter = report.Quarters.ShouldHaveSingleItem();
        (quarter.Quarter, quarter.Currency, quarter.Activities).ShouldBe((((now.Month - 1) / 3) + 1, "EUR", 2));
        (quarter.Consideration.MinorUnits, quarter.Fees.MinorUnits, quarter.Earned.MinorUnits).ShouldBe((10_000, 2_000, 8_000));
        (await Read<TaxReportView>(tutor, $"me/tax-reports/{now.Year - 1}")).Quarters.ShouldBeEmpty();
        (await Text(tutor, $"me/tax-reports/{now.Year}?format=csv")).ShouldBe(
            $"tutorId,year,quarter,currency,activities,consideration,fees,earned\r\n{tutor.Id},{now.Year},{quarter.Quarter},EUR,2,100.00,20.00,80.00\r\n");
    }

    [Fact]
    public async Task The_platforms_month_adds_up()
    {
        // No other test sells in this currency, and the report is everybody's.
        var tutor = PaymentsFixture.Tutor();
        await payments.Paid(await payments.Course(10_000, "HKD", tutor));
        await payments.Paid(await payments.Lessons(4, 10_000, "HKD", tutor));
        var returned = await payments.Paid(await payments.Course(5_000, "HKD", tutor));
        await payments.Worker.Done(new RefundPurchase(returned.Payer, returned.Id, Guid.CreateVersion7(), null, "Not for me."));
        await payments.Status(returned, PurchaseStatus.Refunded);
        var now = DateTimeOffset.UtcNow;

        var month = (await Read<PlatformReportView>(PaymentsFixture.Admin(), $"reports/{now.Year}/{now.Month}")).Currencies.Single(c => c.Currency == "HKD");

        (month.Gmv.MinorUnits, month.Purchases, month.Refunds.MinorUnits, month.Fees.MinorUnits).ShouldBe((25_000, 3, 5_000, 2_000));
        (month.DeferredRevenue.MinorUnits, month.TutorBalances.MinorUnits, month.PaidOut.MinorUnits, month.ChargedBack.MinorUnits).ShouldBe((10_000, 8_000, 0, 0));
        (await Text(PaymentsFixture.Admin(), $"reports/{now.Year}/{now.Month}?format=csv")).ShouldContain($"\r\n{now.Year},{now.Month},HKD,250.00,20.00,");
    }

    [Theory]
    [InlineData("reports/2026/11")]
    [InlineData("exceptions")]
    [InlineData("fees")]
    public async Task What_is_the_platforms_is_not_shown_to_tutors(string path)
    {
        using var api = payments.Worker.Api(PaymentsFixture.Tutor());

        using var answer = await api.GetAsync(new Uri($"/internal/payments/{path}", UriKind.Relative));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Fees_are_listed_newest_first_and_by_tutor()
    {
        var tutor = Guid.CreateVersion7();
        Guid older = Guid.CreateVersion7(), newer = Guid.CreateVersion7();
        await payments.Worker.Done(new SetFee(PaymentsFixture.Admin(), older, tutor, 1_500, DateTimeOffset.UtcNow.AddDays(1)));
        await payments.Worker.Done(new SetFee(PaymentsFixture.Admin(), newer, tutor, 1_000, DateTimeOffset.UtcNow.AddDays(2)));

        var first = await Read<Page<FeeScheduleView>>(PaymentsFixture.Support(), $"fees?tutorId={tutor}&limit=1");
        var second = await Read<Page<FeeScheduleView>>(PaymentsFixture.Support(), $"fees?tutorId={tutor}&limit=1&cursor={first.Next}");

        (first.Items.Single().FeeScheduleId, second.Items.Single().FeeScheduleId, second.Next).ShouldBe((newer, older, null));
    }

    [Fact]
    public async Task A_fee_may_hold_from_a_time_of_any_zone()
    {
        var tutor = Guid.CreateVersion7();
        var from = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.FromHours(2));

        await payments.Worker.Done(new SetFee(PaymentsFixture.Admin(), Guid.CreateVersion7(), tutor, 1_500, from));

        (await Read<Page<FeeScheduleView>>(PaymentsFixture.Support(), $"fees?tutorId={tutor}")).Items.Single().EffectiveFrom.ShouldBe(from);
    }

    [Fact]
    public async Task A_fee_does_not_hold_in_the_past_and_is_not_set_by_support()
    {
        (await payments.Worker.Ask(new SetFee(PaymentsFixture.Admin(), Guid.CreateVersion7(), Guid.CreateVersion7(), 1_500, DateTimeOffset.UtcNow.AddHours(-1)))).ShouldBeOfType<Refused>().Code.ShouldBe("fee.in_the_past");
        (await payments.Worker.Ask(new SetFee(PaymentsFixture.Support(), Guid.CreateVersion7(), Guid.CreateVersion7(), 1_500, DateTimeOffset.UtcNow.AddHours(1)))).ShouldBeOfType<Refused>().Code.ShouldBe("fee.not_permitted");
    }

    [Fact]
    public async Task Who_has_no_payout_account_sees_the_settings_that_it_will_begin_with()
    {
        var tutor = PaymentsFixture.Tutor();

        var before = await Read<PayoutAccountView>(tutor, "me/payout-account");
        var changed = await payments.Worker.Done(new ChangePayoutSettings(tutor, PayoutInterval.Monthly, 2_500, before.Version));
        var after = await Read<PayoutAccountView>(tutor, "me/payout-account");

        (before.Open, before.Interval, before.MinimumMinorUnits, before.Version).ShouldBe((false, PayoutInterval.Weekly, 0, 1));
        (after.Interval, after.MinimumMinorUnits, after.Version).ShouldBe((PayoutInterval.Monthly, 2_500, changed.Version));
    }

    [Fact]
    public async Task There_is_no_form_to_fill_in_before_there_is_an_account()
    {
        using var api = payments.Worker.Api(PaymentsFixture.Tutor());

        using var answer = await api.PostAsync(new Uri("/internal/payments/me/payout-account/link", UriKind.Relative), null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    async Task<T> Read<T>(Actor actor, string path)
    {
        using var api = payments.Worker.Api(actor);
        return (await api.GetFromJsonAsync<T>($"/internal/payments/{path}"))!;
    }

    async Task<string> Text(Actor actor, string path)
    {
        using var api = payments.Worker.Api(actor);
        return await api.GetStringAsync(new Uri($"/internal/payments/{path}", UriKind.Relative));
    }
}
