namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedFaultTests : IAsyncLifetime
{
    SimulatorUnderTest _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await SimulatorUnderTest.Start();

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Theory]
    [InlineData("timeout_after_effect", 1)]
    [InlineData("timeout_before_effect", 0)]
    public async Task A_connection_cut_says_nothing_about_the_effect(string kind, int effects)
    {
        var key = new RequestOptions { IdempotencyKey = "k1" };
        await _simulator.Order("faults", new { kind, method = "POST", path = "/v1/customers" });

        await Should.ThrowAsync<HttpRequestException>(() => _simulator.Stripe.V1.Customers.CreateAsync(new() { Name = "One" }, key));

        (await _simulator.Stripe.V1.Customers.ListAsync()).Data.Count.ShouldBe(effects);
        await _simulator.Stripe.V1.Customers.CreateAsync(new() { Name = "One" }, key);
        (await _simulator.Stripe.V1.Customers.ListAsync()).Data.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("500", 500)]
    [InlineData("500_after_effect", 500)]
    [InlineData("429", 429)]
    public async Task Errors_come_on_demand_and_pass(string kind, int status)
    {
        var key = new RequestOptions { IdempotencyKey = "k1" };
        await _simulator.Order("faults", new { kind, count = 2, path = "/v1/customers", method = "POST" });

        for (var i = 0; i < 2; i++)
        {
            ((int)(await Should.ThrowAsync<StripeException>(() => _simulator.Stripe.V1.Customers.CreateAsync(new(), key))).HttpStatusCode).ShouldBe(status);
        }

        await _simulator.Stripe.V1.Customers.CreateAsync(new(), key);
        (await _simulator.Stripe.V1.Customers.ListAsync()).Data.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_probable_fault_strikes_the_same_requests_with_the_same_seed()
    {
        var first = await Strikes();
        var second = await Strikes();

        first.ShouldContain(true);
        first.ShouldContain(false);
        second.ShouldBe(first);
    }

    async Task<List<bool>> Strikes()
    {
        await _simulator.Order("faults/clear", new { });
        await _simulator.Order("faults", new { kind = "500", count = 100, path = "/v1/balance", probability = 0.5, seed = 42 });
        var strikes = new List<bool>();
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await _simulator.Stripe.V1.Balance.GetAsync();
                strikes.Add(false);
            }
            catch (StripeException)
            {
                strikes.Add(true);
            }
        }

        return strikes;
    }
}
