namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedWebhookTests : IAsyncLifetime
{
    WebhookReceiver _receiver = null!;
    SimulatorUnderTest _simulator = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookReceiver.Start();
        _simulator = await SimulatorUnderTest.Start(_receiver);
    }

    public async ValueTask DisposeAsync()
    {
        await _simulator.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Every_change_is_reported_signed_with_the_object_as_it_was()
    {
        var intent = await _simulator.Stripe.V1.PaymentIntents.CreateAsync(
            new() { Amount = 900, Currency = "usd", Confirm = true, PaymentMethod = "pm_card_visa", AllowedPaymentMethodTypes = ["card"] }, new RequestOptions { IdempotencyKey = "my-key" });

        var events = await _receiver.Next(4);

        events.Select(entry => entry.Type).ShouldBe(["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"], ignoreOrder: true);
        var succeeded = events.Single(entry => entry.Type == "payment_intent.succeeded");
        succeeded.ApiVersion.ShouldBe(StripeConfiguration.ApiVersion);
        succeeded.Request.IdempotencyKey.ShouldBe("my-key");
        succeeded.Data.Object.ShouldBeOfType<PaymentIntent>().Status.ShouldBe("succeeded");
        events.Single(entry => entry.Type == "charge.succeeded").Data.Object.ShouldBeOfType<Charge>().BalanceTransactionId.ShouldBeNull();
        events.Single(entry => entry.Type == "charge.updated").Data.Object.ShouldBeOfType<Charge>().BalanceTransactionId.ShouldNotBeNull();

        var listed = await _simulator.Stripe.V1.Events.ListAsync(new() { Types = ["payment_intent.*"] });
        listed.Data.Select(entry => entry.Type).ShouldBe(["payment_intent.succeeded", "payment_intent.created"]);
        (await _simulator.Stripe.V1.Events.GetAsync(succeeded.Id)).Data.Object.ShouldBeOfType<PaymentIntent>().Id.ShouldBe(intent.Id);
    }

    [Fact]
    public async Task A_receiver_that_refuses_is_asked_again()
    {
        _receiver.RefuseNext(3);

        await _simulator.Stripe.V1.Customers.CreateAsync(new());

        var arrived = await _receiver.Next();
        arrived.Type.ShouldBe("customer.created");
        _receiver.Ids.Count(id => id == arrived.Id).ShouldBe(4);
    }

    [Fact]
    public async Task Held_webhooks_come_when_released_and_repeated_ones_come_again()
    {
        await _simulator.Order("webhooks", new { mode = new { hold = true, duplicate = 2 } });
        await _simulator.Stripe.V1.Customers.CreateAsync(new());
        ((int)(await _simulator.Order("webhooks", new { mode = new { hold = true } }))["waiting"]!).ShouldBe(3);
        _receiver.Ids.ShouldBeEmpty();

        await _simulator.Order("webhooks", new { mode = new { } });

        (await _receiver.Next(3)).Select(entry => entry.Id).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Shuffled_webhooks_come_in_another_order_and_all_of_them()
    {
        await _simulator.Order("webhooks", new { mode = new { hold = true } });
        for (var i = 0; i < 12; i++)
        {
            await _simulator.Stripe.V1.Customers.CreateAsync(new());
        }

        await _simulator.Order("webhooks", new { mode = new { shuffle = true, seed = 7 } });
        await _receiver.Next(12);

        var made = (await _simulator.Stripe.V1.Events.ListAsync(new() { Limit = 100 })).Data.Select(entry => entry.Id).Reverse().ToList();
        _receiver.Ids.ShouldBe(made, ignoreOrder: true);
        _receiver.Ids.ShouldNotBe(made);
    }

    [Fact]
    public async Task Lost_webhooks_stay_lost_until_they_are_sent_again()
    {
        await _simulator.Order("webhooks", new { mode = new { drop = 1.0 } });
        await _simulator.Stripe.V1.Customers.CreateAsync(new());
        ((int)(await _simulator.Order("webhooks", new { mode = new { } }))["waiting"]!).ShouldBe(0);

        var sent = await _simulator.Order("webhooks/resend", new { @event = "undelivered" });

        ((int)sent["sent"]!).ShouldBe(1);
        (await _receiver.Next()).Type.ShouldBe("customer.created");
    }

    [Fact]
    public async Task Events_of_a_tutors_account_name_it()
    {
        var tutor = await _simulator.Tutor();

        var updated = await _receiver.Next("account.updated");

        updated.Account.ShouldBe(tutor.Id);
        updated.Data.Object.ShouldBeOfType<Account>().Id.ShouldBe(tutor.Id);
    }

    [Fact]
    public async Task Time_reports_what_it_does()
    {
        var slow = await _simulator.Pay("pm_usBankAccount", types: ["us_bank_account"]);
        (await _receiver.Next("payment_intent.processing")).Data.Object.ShouldBeOfType<PaymentIntent>().Id.ShouldBe(slow.Id);

        await _simulator.Advance(TimeSpan.FromDays(4));

        var late = await _receiver.Next("payment_intent.succeeded");
        late.Request.Id.ShouldBeNull();
        (late.Created - slow.Created).ShouldBe(TimeSpan.FromDays(4));
    }
}
