namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatorRestartTests
{
    [Fact]
    public async Task A_killed_simulator_knows_everything_it_ever_answered_and_goes_on_delivering()
    {
        await using var receiver = await WebhookReceiver.Start();
        await using var simulator = await SimulatorUnderTest.StartProcess(receiver);
        var stripe = simulator.Stripe;
        await simulator.Order("webhooks", new { mode = new { hold = true } });
        var tutor = await simulator.Tutor();
        var key = new RequestOptions { IdempotencyKey = "before" };
        var refundKey = new RequestOptions { IdempotencyKey = "refund" };
        var paid = await simulator.Pay(amount: 10_000);
        var late = await simulator.Pay("pm_usBankAccount", types: ["us_bank_account"]);
        var transfer = await stripe.V1.Transfers.CreateAsync(new() { Amount = 8_000, Currency = "usd", Destination = tutor.Id, SourceTransaction = paid.LatestChargeId }, key);
        await stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id, new() { Amount = 800 });
        var refund = await stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = paid.Id, Amount = 1_000 }, refundKey);
        await simulator.Order("disputes", new { charge = paid.LatestChargeId });
        await simulator.Advance(TimeSpan.FromHours(3));
        var before = await Known(simulator);
        var asTutor = new RequestOptions { StripeAccount = tutor.Id };
        List<string> events = [
            .. (await stripe.V1.Events.ListAsync(new() { Limit = 100 })).Data.Select(entry => entry.Id),
            .. (await stripe.V1.Events.ListAsync(new() { Limit = 100 }, asTutor)).Data.Select(entry => entry.Id),
        ];
        receiver.Ids.ShouldBeEmpty();

        await simulator.Kill();
        await simulator.Restart();

        (await Known(simulator)).ShouldBe(before);
        var arrived = await receiver.Next(events.Count);
        arrived.Select(entry => entry.Id).ShouldBe(events, ignoreOrder: true);
        (await stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = paid.Id, Amount = 1_000 }, refundKey)).Id.ShouldBe(refund.Id);
        await simulator.Advance(TimeSpan.FromDays(4));
        (await stripe.V1.PaymentIntents.GetAsync(late.Id)).Status.ShouldBe("succeeded");
        (await stripe.V1.Balance.GetAsync(requestOptions: asTutor)).Available.ShouldHaveSingleItem().Amount.ShouldBe(7_200);
    }

    [Fact]
    public async Task What_a_receiver_has_confirmed_is_not_sent_again()
    {
        await using var receiver = await WebhookReceiver.Start();
        await using var simulator = await SimulatorUnderTest.StartProcess(receiver);
        var first = await simulator.Stripe.V1.Customers.CreateAsync(new());
        await receiver.Next();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await simulator.Stripe.V1.Events.ListAsync(new(), cancellationToken: deadline.Token)).Data[0].PendingWebhooks > 0)
        {
            // The answer is on its way to the simulator.
        }

        await simulator.Kill();
        await simulator.Restart();
        var second = await simulator.Stripe.V1.Customers.CreateAsync(new());

        (await receiver.Next()).Data.Object.ShouldBeOfType<Customer>().Id.ShouldBe(second.Id);
        second.Id.ShouldNotBe(first.Id);
    }

    [Fact]
    public async Task A_change_cut_off_while_it_was_written_never_happened()
    {
        await using var simulator = await SimulatorUnderTest.StartProcess();
        var customer = await simulator.Stripe.V1.Customers.CreateAsync(new());
        await simulator.Kill();
        await System.IO.File.AppendAllTextAsync(simulator.Journal, """{"put":[{"customer":{"id":"cus_half""");

        await simulator.Restart();

        (await simulator.Stripe.V1.Customers.ListAsync()).Data.ShouldHaveSingleItem().Id.ShouldBe(customer.Id);
        var second = await simulator.Stripe.V1.Customers.CreateAsync(new());
        await simulator.Kill();
        await simulator.Restart();
        (await simulator.Stripe.V1.Customers.ListAsync()).Data.Select(entry => entry.Id).ShouldBe([second.Id, customer.Id]);
    }

    static async Task<string> Known(SimulatorUnderTest simulator)
    {
        var totals = System.Text.Json.Nodes.JsonNode.Parse(await simulator.Http.GetStringAsync("/simulator/totals"))!.AsObject();
        totals.Remove("now");
        var charges = (await simulator.Stripe.V1.Charges.ListAsync()).StripeResponse.Content;
        var transfers = (await simulator.Stripe.V1.Transfers.ListAsync()).StripeResponse.Content;
        var disputes = (await simulator.Stripe.V1.Disputes.ListAsync()).StripeResponse.Content;
        var accounts = (await simulator.Stripe.V1.Accounts.ListAsync()).StripeResponse.Content;
        return string.Join('\n', totals.ToJsonString(), charges, transfers, disputes, accounts);
    }
}
