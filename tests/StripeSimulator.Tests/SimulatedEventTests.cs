namespace EdTech.StripeSimulator.Tests;

/// <summary>Which events a life makes, in Stripe's order.</summary>
public sealed class SimulatedEventTests : IAsyncLifetime
{
    SimulatorUnderTest _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await SimulatorUnderTest.Start();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Fact]
    public async Task A_card_with_authentication()
    {
        var intent = await _simulator.Pay("pm_card_authenticationRequired");
        await _simulator.Post($"/3ds/{intent.Id}/complete");

        (await Events()).ShouldBe(["payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]);
    }

    [Fact]
    public async Task A_declined_card()
    {
        await Should.ThrowAsync<StripeException>(() => _simulator.Pay("pm_card_visa_chargeDeclined"));

        (await Events()).ShouldBe(["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
    }

    [Fact]
    public async Task A_late_success_and_a_late_failure()
    {
        await _simulator.Pay("pm_usBankAccount", types: ["us_bank_account"]);
        await _simulator.Advance(TimeSpan.FromDays(5));
        await _simulator.Pay("pm_usBankAccount_noAccount", types: ["us_bank_account"]);
        await _simulator.Advance(TimeSpan.FromDays(5));

        (await Events()).ShouldBe([
            "payment_intent.created", "charge.pending", "payment_intent.processing", "charge.succeeded", "payment_intent.succeeded", "charge.updated",
            "payment_intent.created", "charge.pending", "payment_intent.processing", "charge.failed", "payment_intent.payment_failed"]);
    }

    [Fact]
    public async Task Refunds_that_last_and_fail()
    {
        var slow = await _simulator.Pay("pm_card_pendingRefund");
        var failing = await _simulator.Pay("pm_card_refundFail");
        await _simulator.Stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = slow.Id });
        await _simulator.Stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = failing.Id });
        await _simulator.Advance(TimeSpan.FromHours(1));

        (await Events())[8..].ShouldBe([
            "refund.created", "charge.refunded", "refund.created", "charge.refunded",
            "refund.updated", "charge.refund.updated", "refund.failed", "charge.refund.updated", "refund.updated"]);
    }

    [Fact]
    public async Task A_dispute_that_is_won()
    {
        var intent = await _simulator.Pay("pm_card_createDispute");
        var dispute = (await _simulator.Stripe.V1.Disputes.ListAsync(new() { PaymentIntent = intent.Id })).Data[0];
        await _simulator.Stripe.V1.Disputes.UpdateAsync(dispute.Id, new() { Evidence = new() { UncategorizedText = "winning_evidence" } });
        await _simulator.Advance(TimeSpan.FromSeconds(1));

        (await Events())[4..].ShouldBe(["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"]);
    }

    [Fact]
    public async Task A_share_on_its_way_to_the_tutors_bank()
    {
        var tutor = await _simulator.Tutor();
        var asTutor = new RequestOptions { StripeAccount = tutor.Id };
        var intent = await _simulator.Pay("pm_card_bypassPending");
        var transfer = await _simulator.Stripe.V1.Transfers.CreateAsync(new() { Amount = 4_000, Currency = "usd", Destination = tutor.Id, SourceTransaction = intent.LatestChargeId });
        await _simulator.Stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id, new() { Amount = 1_000 });
        await _simulator.Stripe.V1.Payouts.CreateAsync(new() { Amount = 3_000, Currency = "usd" }, asTutor);
        await _simulator.Advance(TimeSpan.FromDays(2));

        (await Events())[4..].ShouldBe(["transfer.created", "transfer.reversed"]);
        (await Events(asTutor)).ShouldBe(["account.updated", "account.external_account.created", "account.updated", "payout.created", "payout.updated", "payout.paid"]);
    }

    [Fact]
    public async Task Events_are_kept_for_thirty_days()
    {
        await _simulator.Stripe.V1.Customers.CreateAsync(new());
        var made = (await _simulator.Stripe.V1.Events.ListAsync()).Data.ShouldHaveSingleItem();

        await _simulator.Advance(TimeSpan.FromDays(31));

        (await Events()).ShouldBeEmpty();
        (await Should.ThrowAsync<StripeException>(() => _simulator.Stripe.V1.Events.GetAsync(made.Id))).StripeError.Code.ShouldBe("resource_missing");
    }

    async Task<List<string>> Events(RequestOptions? options = null)
        => [.. (await _simulator.Stripe.V1.Events.ListAsync(new() { Limit = 100 }, options)).Data.Select(entry => entry.Type).Reverse()];
}
