namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedConnectTests(SharedSimulator shared)
{
    readonly StripeClient _stripe = shared.Stripe;

    [Fact]
    public async Task A_tutor_is_asked_for_everything_and_then_may_be_paid()
    {
        var account = await _stripe.V1.Accounts.CreateAsync(new() { Type = "express", Country = "DE", Email = "tutor@example.com", Capabilities = new() { Transfers = new() { Requested = true } }, Metadata = new() { ["tutor"] = "1" } });
        account.DetailsSubmitted.ShouldBeFalse();
        account.PayoutsEnabled.ShouldBeFalse();
        account.DefaultCurrency.ShouldBe("eur");
        account.Capabilities.Transfers.ShouldBe("inactive");
        account.Requirements.CurrentlyDue.ShouldContain("external_account");
        account.Controller.StripeDashboard.Type.ShouldBe("express");
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Transfers.CreateAsync(new() { Amount = 100, Currency = "eur", Destination = account.Id }))).StripeError.Code.ShouldBe("insufficient_capabilities_for_transfer");

        var link = await _stripe.V1.AccountLinks.CreateAsync(new() { Account = account.Id, Type = "account_onboarding", RefreshUrl = "https://example.com/again", ReturnUrl = "https://example.com/done" });
        link.ExpiresAt.ShouldBeGreaterThan(link.Created);
        (await shared.It.Http.GetStringAsync(link.Url)).ShouldContain("Complete the form");
        await shared.It.Post($"{new Uri(link.Url).AbsolutePath}/complete");

        account = await _stripe.V1.Accounts.GetAsync(account.Id);
        account.DetailsSubmitted.ShouldBeTrue();
        account.PayoutsEnabled.ShouldBeTrue();
        account.Capabilities.Transfers.ShouldBe("active");
        account.Requirements.CurrentlyDue.ShouldBeEmpty();
        account.ExternalAccounts.Data.ShouldHaveSingleItem();
        (await _stripe.V1.Accounts.LoginLinks.CreateAsync(account.Id)).Url.ShouldNotBeEmpty();

        await shared.It.Post($"/connect/onboarding/{account.Id}/restrict");
        account = await _stripe.V1.Accounts.GetAsync(account.Id);
        account.PayoutsEnabled.ShouldBeFalse();
        account.Requirements.DisabledReason.ShouldBe("requirements.past_due");
    }

    [Fact]
    public async Task A_share_of_a_charge_waits_with_it_and_comes_back_in_parts()
    {
        var tutor = await shared.It.Tutor();
        var intent = await shared.It.Pay(amount: 10_000, transferGroup: $"g{Guid.NewGuid():N}");

        var transfer = await _stripe.V1.Transfers.CreateAsync(new() { Amount = 8_000, Currency = "usd", Destination = tutor.Id, SourceTransaction = intent.LatestChargeId, Expand = ["balance_transaction", "destination_payment.balance_transaction"] });
        transfer.TransferGroup.ShouldBe(intent.TransferGroup);
        transfer.BalanceTransaction.Net.ShouldBe(-8_000);
        transfer.BalanceTransaction.AvailableOn.ShouldBe(intent.LatestCharge.BalanceTransaction.AvailableOn);
        transfer.DestinationPayment.BalanceTransaction.Net.ShouldBe(8_000);
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Transfers.CreateAsync(new() { Amount = 2_001, Currency = "usd", Destination = tutor.Id, SourceTransaction = intent.LatestChargeId })))
            .StripeError.Message.ShouldContain("must not exceed the source amount");

        var reversal = await _stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id, new() { Amount = 3_000, Metadata = new() { ["call"] = "x" }, Expand = ["balance_transaction"] });
        reversal.BalanceTransaction.Net.ShouldBe(3_000);
        await _stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id, new() { Amount = 5_000 });
        transfer = await _stripe.V1.Transfers.GetAsync(transfer.Id);
        transfer.AmountReversed.ShouldBe(8_000);
        transfer.Reversed.ShouldBeTrue();
        (await _stripe.V1.Transfers.Reversals.ListAsync(transfer.Id)).Data.Select(entry => entry.Amount).ShouldBe([5_000, 3_000]);
        await Should.ThrowAsync<StripeException>(() => _stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id));
        (await _stripe.V1.Transfers.ListAsync(new() { TransferGroup = intent.TransferGroup })).Data.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_paid_out_cannot_be_reversed_and_what_is_not_there_cannot_be_paid_out()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        var tutor = await simulator.Tutor();
        var asTutor = new RequestOptions { StripeAccount = tutor.Id };
        var intent = await simulator.Pay(amount: 10_000);
        (await Should.ThrowAsync<StripeException>(() => simulator.Stripe.V1.Transfers.CreateAsync(new() { Amount = 100, Currency = "usd", Destination = tutor.Id }))).StripeError.Code.ShouldBe("balance_insufficient");
        var transfer = await simulator.Stripe.V1.Transfers.CreateAsync(new() { Amount = 8_000, Currency = "usd", Destination = tutor.Id, SourceTransaction = intent.LatestChargeId });
        (await Should.ThrowAsync<StripeException>(() => simulator.Stripe.V1.Payouts.CreateAsync(new() { Amount = 8_000, Currency = "usd" }, asTutor))).StripeError.Code.ShouldBe("balance_insufficient");
        var balance = await simulator.Stripe.V1.Balance.GetAsync(requestOptions: asTutor);
        balance.Pending.ShouldHaveSingleItem().Amount.ShouldBe(8_000);

        await simulator.Advance(TimeSpan.FromDays(2));
        (await simulator.Stripe.V1.Balance.GetAsync(requestOptions: asTutor)).Available.ShouldHaveSingleItem().Amount.ShouldBe(8_000);
        var payout = await simulator.Stripe.V1.Payouts.CreateAsync(new() { Amount = 8_000, Currency = "usd", Metadata = new() { ["payout"] = "1" } }, asTutor);
        payout.Status.ShouldBe("pending");
        (await Should.ThrowAsync<StripeException>(() => simulator.Stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id))).StripeError.Code.ShouldBe("balance_insufficient");

        await simulator.Advance(TimeSpan.FromDays(1));
        (await simulator.Stripe.V1.Payouts.GetAsync(payout.Id, requestOptions: asTutor)).Status.ShouldBe("in_transit");
        await simulator.Advance(TimeSpan.FromDays(1));
        (await simulator.Stripe.V1.Payouts.GetAsync(payout.Id, requestOptions: asTutor)).Status.ShouldBe("paid");
        (await Should.ThrowAsync<StripeException>(() => simulator.Stripe.V1.Payouts.GetAsync(payout.Id))).StripeError.Code.ShouldBe("resource_missing");
        (await simulator.Stripe.V1.BalanceTransactions.ListAsync(new(), asTutor)).Data.Select(entry => entry.Type).ShouldBe(["payout", "payment"]);
    }

    [Fact]
    public async Task A_payout_that_the_bank_refuses_comes_back_and_one_that_waits_can_be_canceled()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        var tutor = await simulator.Tutor(bank: "accountClosed");
        var asTutor = new RequestOptions { StripeAccount = tutor.Id };
        var intent = await simulator.Pay("pm_card_bypassPending", amount: 10_000);
        await simulator.Stripe.V1.Transfers.CreateAsync(new() { Amount = 8_000, Currency = "usd", Destination = tutor.Id, SourceTransaction = intent.LatestChargeId });
        var refused = await simulator.Stripe.V1.Payouts.CreateAsync(new() { Amount = 5_000, Currency = "usd" }, asTutor);
        var canceled = await simulator.Stripe.V1.Payouts.CreateAsync(new() { Amount = 1_000, Currency = "usd" }, asTutor);

        (await simulator.Stripe.V1.Payouts.CancelAsync(canceled.Id, requestOptions: asTutor)).Status.ShouldBe("canceled");
        await simulator.Advance(TimeSpan.FromDays(3));

        refused = await simulator.Stripe.V1.Payouts.GetAsync(refused.Id, new() { Expand = ["failure_balance_transaction"] }, asTutor);
        refused.Status.ShouldBe("failed");
        refused.FailureCode.ShouldBe("account_closed");
        refused.FailureBalanceTransaction.Net.ShouldBe(5_000);
        (await simulator.Stripe.V1.Balance.GetAsync(requestOptions: asTutor)).Available.ShouldHaveSingleItem().Amount.ShouldBe(8_000);
    }

    [Fact]
    public async Task An_empty_account_is_deleted_and_gone()
    {
        var tutor = await shared.It.Tutor();

        (await _stripe.V1.Accounts.DeleteAsync(tutor.Id)).Deleted.ShouldBe(true);

        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Accounts.GetAsync(tutor.Id))).StripeError.Code.ShouldBe("account_invalid");
    }
}
