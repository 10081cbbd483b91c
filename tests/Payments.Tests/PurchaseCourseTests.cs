using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class PurchaseCourseTests(PaymentsFixture payments)
{
    [Fact]
    public async Task Who_pays_is_enrolled_and_the_money_is_shared()
    {
        var purchase = await payments.Paid();

        (await payments.Enrolled(purchase)).ShouldBeTrue();
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(8_000);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(2_000);
        (await payments.Moved(purchase, Accounts.Held)).ShouldBe(0);
        var stripeFee = await payments.Moved(purchase, Accounts.StripeFees);
        stripeFee.ShouldBe(320); // 2.9 % and 30 cents
        (await payments.Moved(purchase, Accounts.Stripe)).ShouldBe(10_000 - stripeFee);
        var paid = await payments.Worker.Event<PaymentSucceeded>(e => e.PurchaseId == purchase.Id);
        paid.Amount.ShouldBe(new Money(10_000, "EUR"));
        paid.PlatformFee.ShouldBe(new Money(2_000, "EUR"));
        await payments.Worker.Event<PurchaseFulfilled>(e => e.PurchaseId == purchase.Id);
    }

    [Fact]
    public async Task A_card_that_needs_3D_Secure_waits_for_its_owner()
    {
        var purchase = await payments.Started();
        using var confirmed = await payments.Confirm(purchase, "pm_card_authenticationRequired");
        var waiting = await payments.Status(purchase, PurchaseStatus.RequiresAction);
        (await payments.Enrolled(purchase)).ShouldBeFalse();
        var payment = await payments.Payment(purchase);
        payment.NextActionUrl.ShouldNotBeNull();

        using var done = await payments.Stripe.PostAsync(new Uri($"/3ds/{PaymentsFixture.IntentOf(payment)}/complete", UriKind.Relative), null);

        var paid = await payments.Status(purchase, PurchaseStatus.Fulfilled);
        paid.Version.ShouldBeGreaterThan(waiting.Version);
        (await payments.Enrolled(purchase)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_declined_card_ends_nothing_and_another_one_pays()
    {
        var purchase = await payments.Started();
        using var declined = await payments.Confirm(purchase, "pm_card_visa_chargeDeclinedInsufficientFunds");
        ((int)declined.StatusCode).ShouldBe(402);
        await payments.Until("SELECT last_decline = 'insufficient_funds' FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id }, "the decline is recorded");
        (await payments.View(purchase)).LastDecline.ShouldBe("insufficient_funds");
        (await payments.View(purchase)).Status.ShouldBe(PurchaseStatus.AwaitingPayment);

        using var paid = await payments.Confirm(purchase, "pm_card_visa");

        await payments.Status(purchase, PurchaseStatus.Fulfilled);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(8_000);
    }

    [Fact]
    public async Task A_cancelled_purchase_cannot_be_paid_any_more_and_gives_way_to_another()
    {
        var purchase = await payments.Started();
        var payment = await payments.Payment(purchase);
        await payments.Worker.Done(new CancelPurchase(purchase.Payer, purchase.Id));
        await payments.Status(purchase, PurchaseStatus.Cancelled);

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payment_intents/{PaymentsFixture.IntentOf(payment)}/confirm")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_secret"] = payment.ClientSecret!, ["payment_method"] = "pm_card_visa" }),
        };
        request.Headers.Authorization = new("Bearer", payment.PublishableKey);
        using var late = await payments.Stripe.SendAsync(request);
        late.IsSuccessStatusCode.ShouldBeFalse();
        (await payments.Worker.Event<PaymentFailed>(e => e.PurchaseId == purchase.Id)).Code.ShouldBe("cancelled");

        await payments.Paid(purchase.Item, purchase.Payer);
    }

    [Fact]
    public async Task A_course_is_bought_once()
    {
        var owned = await payments.Paid();
        var again = await payments.Worker.Refused(PaymentsFixture.Buy(owned.Payer, Guid.CreateVersion7(), await payments.Quote(owned.Item, owned.Payer)));
        again.Code.ShouldBe("purchase.already_owned");
        again.Details!["purchaseId"].ShouldBe(owned.Id.ToString());

        var open = await payments.Started();
        var second = await payments.Worker.Refused(PaymentsFixture.Buy(open.Payer, Guid.CreateVersion7(), await payments.Quote(open.Item, open.Payer)));
        second.Code.ShouldBe("purchase.under_way");
    }

    [Fact]
    public async Task Of_many_purchases_at_once_one_wins()
    {
        var item = await payments.Course();
        var payer = PaymentsFixture.Student();
        var quotes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => payments.Quote(item, payer)));

        var answers = await Task.WhenAll(quotes.Select(q => payments.Worker.Ask(PaymentsFixture.Buy(payer, Guid.CreateVersion7(), q))));

        answers.OfType<Done>().Count().ShouldBe(1);
        answers.OfType<Refused>().ShouldAllBe(r => r.Code == "purchase.under_way");
    }

    [Fact]
    public async Task A_quote_is_accepted_once_and_only_by_whom_it_was_made_for()
    {
        var purchase = await payments.Started();
        var quote = await payments.Quote(await payments.Course(), purchase.Payer);
        (await payments.Worker.Refused(PaymentsFixture.Buy(PaymentsFixture.Student(), Guid.CreateVersion7(), quote))).Kind.ShouldBe(RefusalKind.NotFound);

        await payments.Worker.Done(PaymentsFixture.Buy(purchase.Payer, Guid.CreateVersion7(), quote));
        (await payments.Worker.Refused(PaymentsFixture.Buy(purchase.Payer, Guid.CreateVersion7(), quote))).Code.ShouldBe("quote.accepted");
    }

    [Fact]
    public async Task A_repeated_command_is_one_purchase_and_one_payment_at_Stripe()
    {
        var payer = PaymentsFixture.Student();
        var quote = await payments.Quote(await payments.Course(), payer);
        var command = PaymentsFixture.Buy(payer, Guid.CreateVersion7(), quote);
        var id = Guid.CreateVersion7().ToString();

        var first = await payments.Worker.Ask(command, id);
        var second = await payments.Worker.Ask(command, id);

        second.ShouldBe(first);
        (await payments.Read<long>("SELECT count(*) FROM payments.purchase WHERE payer_id = @Id", new { payer.Id })).ShouldBe(1);
    }

    [Fact]
    public async Task Who_cannot_be_enrolled_gets_the_money_back()
    {
        var purchase = await payments.Started();
        await payments.Payment(purchase);
        await payments.Worker.Done(new ArchiveCourse(purchase.Item.Tutor, purchase.Item.Id, null));

        using var paid = await payments.Confirm(purchase, "pm_card_visa");

        var refunded = await payments.Status(purchase, PurchaseStatus.Refunded);
        refunded.Refunded.ShouldBe(new Money(10_000, "EUR"));
        (await payments.Enrolled(purchase)).ShouldBeFalse();
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.Held)).ShouldBe(0);
        (await payments.Moved(purchase, Accounts.Stripe)).ShouldBe(-(await payments.Moved(purchase, Accounts.StripeFees)));
    }

    [Fact]
    public async Task Nothing_to_pay_is_paid_without_Stripe()
    {
        var item = await payments.Course();
        var code = $"FREE{Guid.NewGuid():N}"[..16];
        await payments.Worker.Done(new CreateCoupon(item.Tutor, Guid.CreateVersion7(), code, false, 100, null, 1, DateTimeOffset.UtcNow.AddDays(1)));

        var purchase = await payments.Started(item, coupon: code.ToLowerInvariant());

        await payments.Status(purchase, PurchaseStatus.Fulfilled);
        (await payments.Enrolled(purchase)).ShouldBeTrue();
        (await payments.Read<long>("SELECT count(*) FROM payments.posting_set WHERE purchase_id = @Id", new { purchase.Id })).ShouldBe(0);
    }

    [Theory]
    [InlineData(5_000, "JPY", 1_000)]
    [InlineData(12_340, "KWD", 2_470)]
    [InlineData(99_999, "KRW", 20_000)]
    public async Task Currencies_without_cents_or_with_three_digits_are_charged_to_their_own_unit(long price, string currency, long fee)
    {
        var purchase = await payments.Paid(await payments.Course(price, currency));

        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(fee);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(price - fee);
    }

    [Fact]
    public async Task Others_do_not_learn_of_a_purchase()
    {
        var purchase = await payments.Started();
        using var stranger = payments.Worker.Api(PaymentsFixture.Student());
        using var tutor = payments.Worker.Api(purchase.Item.Tutor);
        foreach (var path in new[] { "", "/payment", "/history" })
            (await stranger.GetAsync(new Uri($"/internal/payments/purchases/{purchase.Id}{path}", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);

        // The tutor sees what was sold, not who is thinking about it, and never what is between payer and bank.
        (await tutor.GetAsync(new Uri($"/internal/payments/purchases/{purchase.Id}", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
        var sold = await payments.Paid(purchase.Item);
        (await payments.View(sold, purchase.Item.Tutor)).Price.MinorUnits.ShouldBe(10_000);
        (await tutor.GetAsync(new Uri($"/internal/payments/purchases/{sold.Id}/payment", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }
}
