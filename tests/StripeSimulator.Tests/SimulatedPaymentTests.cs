namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedPaymentTests(SharedSimulator shared)
{
    readonly StripeClient _stripe = shared.Stripe;

    [Fact]
    public async Task A_good_card_pays_at_once_and_the_fee_is_booked()
    {
        var intent = await shared.It.Pay(amount: 10_000);

        intent.Status.ShouldBe("succeeded");
        intent.AmountReceived.ShouldBe(10_000);
        intent.LatestCharge.Paid.ShouldBeTrue();
        intent.LatestCharge.PaymentMethodDetails.Card.Last4.ShouldBe("4242");
        var booked = intent.LatestCharge.BalanceTransaction;
        booked.Amount.ShouldBe(10_000);
        booked.Fee.ShouldBe(320);
        booked.Net.ShouldBe(9_680);
        booked.Status.ShouldBe("pending");
        (booked.AvailableOn - booked.Created).ShouldBe(TimeSpan.FromDays(2));
        booked.SourceId.ShouldBe(intent.LatestChargeId);
    }

    [Fact]
    public async Task A_payment_goes_from_one_status_to_the_next()
    {
        var intent = await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 2_000, Currency = "eur", AutomaticPaymentMethods = new() { Enabled = true }, Metadata = new() { ["purchase"] = "7" } });
        intent.Status.ShouldBe("requires_payment_method");
        intent.ClientSecret.ShouldStartWith(intent.Id + "_secret_");
        intent.CaptureMethod.ShouldBe("automatic_async");

        intent = await _stripe.V1.PaymentIntents.UpdateAsync(intent.Id, new() { PaymentMethod = "pm_card_mastercard", Metadata = new() { ["seat"] = "A" } });
        intent.Status.ShouldBe("requires_confirmation");
        intent.Metadata.ShouldBe(new Dictionary<string, string> { ["purchase"] = "7", ["seat"] = "A" });

        intent = await _stripe.V1.PaymentIntents.ConfirmAsync(intent.Id, new() { ReturnUrl = "https://example.com/back" });
        intent.Status.ShouldBe("succeeded");

        var again = await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.ConfirmAsync(intent.Id, new() { ReturnUrl = "https://example.com/back" }));
        again.StripeError.Code.ShouldBe("payment_intent_unexpected_state");
        again.StripeError.PaymentIntent.Id.ShouldBe(intent.Id);
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CancelAsync(intent.Id))).StripeError.Code.ShouldBe("payment_intent_unexpected_state");
    }

    [Fact]
    public async Task Automatic_payment_methods_need_a_return_url()
    {
        var refused = await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 2_000, Currency = "eur", Confirm = true, PaymentMethod = "pm_card_visa" }));
        refused.StripeError.Message.ShouldContain("return_url");
    }

    [Theory]
    [InlineData("pm_card_visa_chargeDeclined", "card_declined", "generic_decline")]
    [InlineData("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds")]
    [InlineData("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card")]
    [InlineData("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card")]
    [InlineData("pm_card_radarBlock", "card_declined", "fraudulent")]
    [InlineData("pm_card_chargeDeclinedExpiredCard", "expired_card", null)]
    [InlineData("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", null)]
    [InlineData("pm_card_chargeDeclinedProcessingError", "processing_error", null)]
    public async Task A_declined_card_says_why_and_the_payment_can_be_tried_again(string card, string code, string? declineCode)
    {
        var declined = await Should.ThrowAsync<StripeException>(() => shared.It.Pay(card));

        declined.HttpStatusCode.ShouldBe(System.Net.HttpStatusCode.PaymentRequired);
        declined.StripeError.Type.ShouldBe("card_error");
        declined.StripeError.Code.ShouldBe(code);
        declined.StripeError.DeclineCode.ShouldBe(declineCode);
        var charge = await _stripe.V1.Charges.GetAsync(declined.StripeError.Charge);
        charge.Status.ShouldBe("failed");
        charge.FailureCode.ShouldBe(code);
        charge.BalanceTransactionId.ShouldBeNull();

        var intent = await _stripe.V1.PaymentIntents.GetAsync(declined.StripeError.PaymentIntent.Id);
        intent.Status.ShouldBe("requires_payment_method");
        intent.LastPaymentError.Code.ShouldBe(code);
        intent = await _stripe.V1.PaymentIntents.ConfirmAsync(intent.Id, new() { PaymentMethod = "pm_card_visa" });
        intent.Status.ShouldBe("succeeded");
        intent.LastPaymentError.ShouldBeNull();
    }

    [Fact]
    public async Task The_bank_asks_the_payer_and_the_payer_consents()
    {
        var intent = await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 900, Currency = "gbp", Confirm = true, PaymentMethod = "pm_card_authenticationRequired", AllowedPaymentMethodTypes = ["card"], ReturnUrl = "https://example.com/back" });
        intent.Status.ShouldBe("requires_action");
        intent.NextAction.Type.ShouldBe("redirect_to_url");
        (await shared.It.Http.GetStringAsync(intent.NextAction.RedirectToUrl.Url)).ShouldContain(intent.Id);

        await shared.It.Post($"/3ds/{intent.Id}/complete");

        intent = await _stripe.V1.PaymentIntents.GetAsync(intent.Id, new() { Expand = ["latest_charge"] });
        intent.Status.ShouldBe("succeeded");
        intent.NextAction.ShouldBeNull();
        intent.LatestCharge.PaymentMethodDetails.Card.ThreeDSecure.Result.ShouldBe("authenticated");
    }

    [Fact]
    public async Task A_payer_who_refuses_the_bank_can_choose_another_card()
    {
        var intent = await shared.It.Pay("pm_card_threeDSecure2Required");
        intent.Status.ShouldBe("requires_action");
        intent.NextAction.Type.ShouldBe("use_stripe_sdk");

        await shared.It.Post($"/3ds/{intent.Id}/fail");

        intent = await _stripe.V1.PaymentIntents.GetAsync(intent.Id);
        intent.Status.ShouldBe("requires_payment_method");
        intent.LastPaymentError.Code.ShouldBe("payment_intent_authentication_failure");
        (await _stripe.V1.PaymentIntents.ConfirmAsync(intent.Id, new() { PaymentMethod = "pm_card_visa" })).Status.ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_card_can_be_declined_after_the_bank_was_satisfied()
    {
        var intent = await shared.It.Pay("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds");

        await shared.It.Post($"/3ds/{intent.Id}/complete");

        intent = await _stripe.V1.PaymentIntents.GetAsync(intent.Id);
        intent.Status.ShouldBe("requires_payment_method");
        intent.LastPaymentError.DeclineCode.ShouldBe("insufficient_funds");
    }

    [Fact]
    public async Task An_absent_payer_cannot_authenticate_unless_the_card_was_set_up()
    {
        var customer = await _stripe.V1.Customers.CreateAsync(new() { Name = "Test payer" });
        var first = await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 900, Currency = "usd", Customer = customer.Id, Confirm = true, PaymentMethod = "pm_card_authenticationRequiredOnSetup", AllowedPaymentMethodTypes = ["card"], SetupFutureUsage = "off_session" });
        first.Status.ShouldBe("requires_action");
        await shared.It.Post($"/3ds/{first.Id}/complete");
        first = await _stripe.V1.PaymentIntents.GetAsync(first.Id);
        (await _stripe.V1.PaymentMethods.ListAsync(new() { Customer = customer.Id })).Data.ShouldHaveSingleItem().Id.ShouldBe(first.PaymentMethodId);

        var second = await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 900, Currency = "usd", Customer = customer.Id, Confirm = true, OffSession = true, PaymentMethod = first.PaymentMethodId, AllowedPaymentMethodTypes = ["card"] });
        second.Status.ShouldBe("succeeded");

        var refused = await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 900, Currency = "usd", Confirm = true, OffSession = true, PaymentMethod = "pm_card_authenticationRequired", AllowedPaymentMethodTypes = ["card"] }));
        refused.StripeError.Code.ShouldBe("authentication_required");
    }

    [Fact]
    public async Task A_method_without_a_customer_pays_once()
    {
        var intent = await shared.It.Pay();

        var refused = await Should.ThrowAsync<StripeException>(() => shared.It.Pay(intent.PaymentMethodId));

        refused.StripeError.Message.ShouldContain("may not be used again");
    }

    [Fact]
    public async Task A_canceled_payment_stays_canceled()
    {
        var intent = await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 900, Currency = "usd" });

        intent = await _stripe.V1.PaymentIntents.CancelAsync(intent.Id, new() { CancellationReason = "abandoned" });

        intent.Status.ShouldBe("canceled");
        intent.CanceledAt.ShouldNotBeNull();
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.ConfirmAsync(intent.Id, new() { PaymentMethod = "pm_card_visa", ReturnUrl = "https://example.com" }))).StripeError.Code.ShouldBe("payment_intent_unexpected_state");
    }

    [Fact]
    public async Task A_bank_debit_is_processing_until_the_clock_moves()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        var good = await simulator.Pay("pm_usBankAccount", types: ["us_bank_account"]);
        var bad = await simulator.Pay("pm_usBankAccount_insufficientFunds", types: ["us_bank_account"]);
        good.Status.ShouldBe("processing");
        good.LatestCharge.Status.ShouldBe("pending");
        good.LatestCharge.BalanceTransactionId.ShouldBeNull();

        await simulator.Advance(TimeSpan.FromDays(5));

        good = await simulator.Stripe.V1.PaymentIntents.GetAsync(good.Id, new() { Expand = ["latest_charge.balance_transaction"] });
        good.Status.ShouldBe("succeeded");
        good.LatestCharge.BalanceTransaction.Type.ShouldBe("payment");
        bad = await simulator.Stripe.V1.PaymentIntents.GetAsync(bad.Id);
        bad.Status.ShouldBe("requires_payment_method");
        bad.LastPaymentError.Code.ShouldBe("insufficient_funds");
    }

    [Fact]
    public async Task A_late_payment_can_be_settled_on_demand()
    {
        var late = await shared.It.Pay("pm_success_de", currency: "eur", types: ["sepa_debit"]);
        var failing = await shared.It.Pay("pm_success_de", currency: "eur", types: ["sepa_debit"]);

        await shared.It.Order($"payment_intents/{late.Id}/settle", new { outcome = "succeeded" });
        await shared.It.Order($"payment_intents/{failing.Id}/settle", new { outcome = "failed" });

        (await _stripe.V1.PaymentIntents.GetAsync(late.Id)).Status.ShouldBe("succeeded");
        (await _stripe.V1.PaymentIntents.GetAsync(failing.Id)).Status.ShouldBe("requires_payment_method");
    }

    [Fact]
    public async Task A_browser_confirms_with_the_client_secret_and_can_do_nothing_else()
    {
        var intent = await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 900, Currency = "usd", AllowedPaymentMethodTypes = ["card"] });
        var browser = shared.It.Client(SimulatorUnderTest.PublishableKey);

        (await Should.ThrowAsync<StripeException>(() => browser.V1.PaymentIntents.GetAsync(intent.Id))).StripeError.Param.ShouldBe("client_secret");
        (await browser.V1.PaymentIntents.GetAsync(intent.Id, new() { ClientSecret = intent.ClientSecret })).Status.ShouldBe("requires_payment_method");
        var confirm = new PaymentIntentConfirmOptions { PaymentMethod = "pm_card_visa" };
        confirm.AddExtraParam("client_secret", intent.ClientSecret);
        (await browser.V1.PaymentIntents.ConfirmAsync(intent.Id, confirm)).Status.ShouldBe("succeeded");
        (await Should.ThrowAsync<StripeException>(() => browser.V1.Customers.ListAsync())).HttpStatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
    }
}
