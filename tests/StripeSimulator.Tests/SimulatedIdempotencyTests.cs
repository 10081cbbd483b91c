namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedIdempotencyTests(SharedSimulator shared)
{
    readonly StripeClient _stripe = shared.Stripe;

    [Fact]
    public async Task The_same_key_gives_the_same_answer_and_charges_once()
    {
        var key = Key();
        var options = new PaymentIntentCreateOptions { Amount = 700, Currency = "usd", Confirm = true, PaymentMethod = "pm_card_visa", AllowedPaymentMethodTypes = ["card"] };

        var first = await _stripe.V1.PaymentIntents.CreateAsync(options, key);
        var again = await _stripe.V1.PaymentIntents.CreateAsync(options, key);

        again.Id.ShouldBe(first.Id);
        again.StripeResponse.Content.ShouldBe(first.StripeResponse.Content);
        again.StripeResponse.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        again.StripeResponse.RequestId.ShouldNotBe(first.StripeResponse.RequestId);
    }

    [Fact]
    public async Task A_key_used_for_something_else_is_refused()
    {
        var key = Key();
        await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 700, Currency = "usd" }, key);

        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 701, Currency = "usd" }, key))).StripeError.Type.ShouldBe("idempotency_error");
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Customers.CreateAsync(new(), key))).StripeError.Type.ShouldBe("idempotency_error");
    }

    [Fact]
    public async Task A_decline_is_kept_and_a_malformed_request_is_not()
    {
        var (declined, malformed) = (Key(), Key());
        var options = new PaymentIntentCreateOptions { Amount = 700, Currency = "usd", Confirm = true, PaymentMethod = "pm_card_visa_chargeDeclined", AllowedPaymentMethodTypes = ["card"] };
        var first = await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CreateAsync(options, declined));
        var again = await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CreateAsync(options, declined));
        again.StripeError.Charge.ShouldBe(first.StripeError.Charge);

        await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = -1, Currency = "usd" }, malformed));
        (await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 700, Currency = "usd" }, malformed)).Status.ShouldBe("requires_payment_method");
    }

    [Fact]
    public async Task Two_requests_with_one_key_at_a_time_conflict()
    {
        await using var simulator = await SimulatorUnderTest.Start();
        await simulator.Order("faults", new { kind = "delay", path = "/v1/customers", milliseconds = 1_500 });
        var key = Key();

        var slow = simulator.Stripe.V1.Customers.CreateAsync(new(), key);
        StripeException? conflict = null;
        while (conflict is null && !slow.IsCompleted)
        {
            try
            {
                var quick = await simulator.Stripe.V1.Customers.CreateAsync(new(), key);
                quick.ShouldNotBeNull();
            }
            catch (StripeException refused)
            {
                conflict = refused;
            }
        }

        // Whichever of the two took the delay, the other found the key in use.
        if (conflict is null)
        {
            conflict = await Should.ThrowAsync<StripeException>(() => slow);
        }
        else
        {
            await slow;
        }

        conflict.HttpStatusCode.ShouldBe(System.Net.HttpStatusCode.Conflict);
        conflict.StripeError.Code.ShouldBe("idempotency_key_in_use");
    }

    static RequestOptions Key() => new() { IdempotencyKey = Guid.NewGuid().ToString() };
}
