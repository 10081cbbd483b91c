namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedDisputeTests
{
    [Fact]
    public async Task A_dispute_takes_the_money_and_its_fee_and_winning_evidence_brings_the_money_back()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        var intent = await simulator.Pay("pm_card_createDispute", amount: 5_000);
        var dispute = (await simulator.Stripe.V1.Disputes.ListAsync(new() { PaymentIntent = intent.Id })).Data.ShouldHaveSingleItem();
        dispute.Status.ShouldBe("needs_response");
        dispute.Reason.ShouldBe("fraudulent");
        dispute.Amount.ShouldBe(5_000);
        dispute.EvidenceDetails.DueBy.ShouldNotBeNull();
        var withdrawal = dispute.BalanceTransactions.ShouldHaveSingleItem();
        (withdrawal.Amount, withdrawal.Fee, withdrawal.ReportingCategory).ShouldBe((-5_000, 1_500, "dispute"));
        (await Should.ThrowAsync<StripeException>(() => simulator.Stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id }))).StripeError.Code.ShouldBe("charge_disputed");

        dispute = await simulator.Stripe.V1.Disputes.UpdateAsync(dispute.Id, new() { Evidence = new() { ProductDescription = "A course", UncategorizedText = "winning_evidence" }, Submit = true });
        dispute.Status.ShouldBe("under_review");
        dispute.EvidenceDetails.SubmissionCount.ShouldBe(1);
        dispute.Evidence.ProductDescription.ShouldBe("A course");

        await simulator.Advance(TimeSpan.FromSeconds(2));
        dispute = await simulator.Stripe.V1.Disputes.GetAsync(dispute.Id);
        dispute.Status.ShouldBe("won");
        dispute.BalanceTransactions.Sum(entry => entry.Net).ShouldBe(-1_500);
    }

    [Fact]
    public async Task Evidence_that_convinces_nobody_and_silence_both_lose()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        var answered = await Opened(simulator);
        var silent = await Opened(simulator);
        var conceded = await Opened(simulator);
        await simulator.Stripe.V1.Disputes.UpdateAsync(answered, new() { Evidence = new() { UncategorizedText = "losing_evidence" } });
        (await simulator.Stripe.V1.Disputes.CloseAsync(conceded)).Status.ShouldBe("lost");

        await simulator.Advance(TimeSpan.FromDays(8));

        (await simulator.Stripe.V1.Disputes.GetAsync(answered)).Status.ShouldBe("lost");
        var late = await simulator.Stripe.V1.Disputes.GetAsync(silent);
        late.Status.ShouldBe("lost");
        late.EvidenceDetails.PastDue.ShouldBeTrue();
        (await Should.ThrowAsync<StripeException>(() => simulator.Stripe.V1.Disputes.UpdateAsync(silent, new() { Evidence = new() { UncategorizedText = "winning_evidence" } }))).StripeError.Message.ShouldContain("already closed");
    }

    /// <summary>Any charge can be disputed on demand.</summary>
    static async Task<string> Opened(SimulatorUnderTest simulator)
    {
        var intent = await simulator.Pay();
        return (string)(await simulator.Order("disputes", new { charge = intent.LatestChargeId, reason = "product_not_received" }))["id"]!;
    }
}
