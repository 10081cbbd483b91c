namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedRefundTests(SharedSimulator shared)
{
    readonly StripeClient _stripe = shared.Stripe;

    [Fact]
    public async Task Partial_refunds_add_up_to_the_charge_and_no_further()
    {
        var intent = await shared.It.Pay(amount: 5_000);

        var first = await _stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id, Amount = 2_000, Reason = "requested_by_customer", Metadata = new() { ["refund"] = "1" }, Expand = ["balance_transaction", "charge"] });
        first.Status.ShouldBe("succeeded");
        first.BalanceTransaction.Net.ShouldBe(-2_000);
        first.BalanceTransaction.Type.ShouldBe("refund");
        first.Charge.AmountRefunded.ShouldBe(2_000);
        first.Charge.Refunded.ShouldBeFalse();

        var tooMuch = await Should.ThrowAsync<StripeException>(() => _stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id, Amount = 3_001 }));
        tooMuch.StripeError.Message.ShouldContain("greater than unrefunded amount");
        tooMuch.StripeError.Param.ShouldBe("amount");

        await _stripe.V1.Refunds.CreateAsync(new() { Charge = intent.LatestChargeId });
        var charge = await _stripe.V1.Charges.GetAsync(intent.LatestChargeId, new() { Expand = ["refunds"] });
        charge.Refunded.ShouldBeTrue();
        charge.Refunds.Data.Select(refund => refund.Amount).ShouldBe([3_000, 2_000]);
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id }))).StripeError.Code.ShouldBe("charge_already_refunded");
        (await _stripe.V1.Refunds.ListAsync(new() { PaymentIntent = intent.Id })).Data.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_was_not_paid_cannot_be_refunded()
    {
        var declined = await Should.ThrowAsync<StripeException>(() => shared.It.Pay("pm_card_visa_chargeDeclined"));

        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Refunds.CreateAsync(new() { Charge = declined.StripeError.Charge }))).StripeError.Code.ShouldBe("charge_not_refundable");
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Refunds.CreateAsync(new() { Charge = "ch_unknown" }))).StripeError.Code.ShouldBe("resource_missing");
    }

    [Fact]
    public async Task A_slow_refund_is_pending_and_one_to_a_closed_card_comes_back()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        var slow = await simulator.Pay("pm_card_pendingRefund");
        var closed = await simulator.Pay("pm_card_refundFail");
        var pending = await simulator.Stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = slow.Id });
        var failing = await simulator.Stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = closed.Id, Amount = 1_000 });
        pending.Status.ShouldBe("pending");
        failing.Status.ShouldBe("succeeded");

        await simulator.Advance(TimeSpan.FromHours(2));

        (await simulator.Stripe.V1.Refunds.GetAsync(pending.Id)).Status.ShouldBe("succeeded");
        failing = await simulator.Stripe.V1.Refunds.GetAsync(failing.Id, new() { Expand = ["failure_balance_transaction", "charge"] });
        failing.Status.ShouldBe("failed");
        failing.FailureReason.ShouldBe("expired_or_canceled_card");
        failing.FailureBalanceTransaction.Net.ShouldBe(1_000);
        failing.Charge.AmountRefunded.ShouldBe(0);
    }
}
