using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class OnboardTutorTests(PaymentsFixture payments)
{
    [Fact]
    public async Task Who_fills_in_Stripes_form_can_be_paid_out()
    {
        var tutor = PaymentsFixture.Tutor();
        var account = await payments.Opened(tutor);
        using var api = payments.Worker.Api(tutor);
        var before = await api.GetFromJsonAsync<PayoutAccountView>("/internal/payments/me/payout-account");
        (before!.Open, before.Country, before.PayoutsEnabled).ShouldBe((true, "DE", false));
        before.Requirements.ShouldNotBeEmpty();
        using var answer = await api.PostAsync(new Uri("/internal/payments/me/payout-account/link", UriKind.Relative), null);
        (await answer.Content.ReadFromJsonAsync<OnboardingLink>())!.Url.AbsolutePath.ShouldEndWith(account);

        await payments.FillInForm(account);

        await payments.Worker.Event<TutorAccountChanged>(e => e.TutorId == tutor.Id && e.PayoutsEnabled);
        await payments.Enabled(tutor, true);
        (await api.GetFromJsonAsync<PayoutAccountView>("/internal/payments/me/payout-account"))!.Requirements.ShouldBeEmpty();
    }

    [Fact]
    public async Task Opening_it_again_and_again_opens_one_account()
    {
        var tutor = PaymentsFixture.Tutor();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => payments.Worker.Done(new OnboardTutor(tutor, "DE"))));
        var account = await payments.Opened(tutor);
        await payments.Opened(tutor);

        (await payments.AccountOf(tutor)).ShouldBe(account);
        (await payments.Read<long>("SELECT count(*) FROM payments.stripe_call WHERE call_id LIKE @calls", new { calls = $"account/{tutor.Id}/%" })).ShouldBe(1);
        (await payments.Worker.Refused(new OnboardTutor(tutor, "FR"))).Code.ShouldBe("payout_account.country_is_fixed");
    }

    [Fact]
    public async Task A_country_that_Stripe_does_not_serve_can_be_tried_again_and_given_up()
    {
        var tutor = PaymentsFixture.Tutor();

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await payments.Worker.Done(new OnboardTutor(tutor, "QQ"));
            await payments.Until(
                "SELECT count(*) = @attempt FROM payments.stripe_call WHERE call_id LIKE @calls AND outcome = 'country_unsupported'",
                new { attempt, calls = $"account/{tutor.Id}/%" }, "Stripe has refused the country");
        }

        await payments.Verified(tutor);
        (await payments.Read<long>("SELECT count(*) FROM payments.exception WHERE kind = 'call_refused' AND reference LIKE @calls", new { calls = $"account/{tutor.Id}/%" })).ShouldBe(2);
    }

    [Fact]
    public async Task Only_tutors_open_accounts_and_in_countries()
    {
        (await payments.Worker.Refused(new OnboardTutor(PaymentsFixture.Student(), "DE"))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await payments.Worker.Refused(new OnboardTutor(PaymentsFixture.Tutor(), "de"))).Code.ShouldBe("payout_account.country");
        (await payments.Worker.Refused(new OnboardTutor(PaymentsFixture.Tutor(), "DEU"))).Code.ShouldBe("payout_account.country");
    }

    [Fact]
    public async Task An_account_that_Stripe_restricts_receives_nothing_until_it_is_verified_again()
    {
        var tutor = await payments.Verified();
        var account = await payments.AccountOf(tutor);
        await payments.Restrict(account);
        await payments.Enabled(tutor, false);
        var purchase = await payments.Paid(await payments.Course(tutor: tutor));
        await payments.InTransaction(context => new TransferEarningsHandler().Handle(new TransferEarnings(tutor.Id, "EUR", purchase.Id), context));
        (await payments.Transfers(purchase)).ShouldBeEmpty();

        await payments.FillInForm(account);

        await payments.AtStripe(tutor, 8_000);
    }

    [Fact]
    public async Task An_answer_to_an_older_question_changes_nothing()
    {
        var tutor = await payments.Verified();
        var account = await payments.AccountOf(tutor);
        var late = new RecordAccount(new(account, tutor.Id.ToString(), false, false, ["individual.first_name"]), tutor.Id, null, null, DateTimeOffset.UtcNow.AddHours(-1));

        await payments.InTransaction(context => new RecordAccountHandler().Handle(late, context));
        (await payments.Read<bool>("SELECT payouts_enabled FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id })).ShouldBeTrue();

        await payments.InTransaction(context => new RecordAccountHandler().Handle(late with { AskedAt = DateTimeOffset.UtcNow.AddHours(1) }, context));
        (await payments.Read<bool>("SELECT payouts_enabled FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id })).ShouldBeFalse();
    }
}
