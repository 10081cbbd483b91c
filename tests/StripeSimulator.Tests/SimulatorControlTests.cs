using System.Net;
using System.Text;

namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatorControlTests(SharedSimulator shared)
{
    [Theory]
    [InlineData("clock/advance", """{"seconds":"soon"}""")]
    [InlineData("clock/advance", """{"seconds":-1}""")]
    [InlineData("clock/advance", """{"seconds":1e30}""")]
    [InlineData("clock/advance", "{}")]
    [InlineData("clock/advance", "{")]
    [InlineData("faults", """{"kind":5}""")]
    [InlineData("faults", """{"kind":"earthquake"}""")]
    [InlineData("faults", """{"kind":"500","count":"many"}""")]
    [InlineData("disputes", "{}")]
    public async Task An_order_that_makes_no_sense_is_refused_and_does_nothing(string order, string body)
    {
        using var response = await shared.It.Http.PostAsync($"/simulator/{order}", new StringContent(body, Encoding.UTF8, "application/json"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await shared.Stripe.V1.Customers.CreateAsync(new())).Id.ShouldStartWith("cus_");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(4_001)]
    public async Task Nobody_disputes_more_than_is_left_of_a_charge(long amount)
    {
        var intent = await shared.It.Pay(amount: 5_000);
        await shared.Stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id, Amount = 1_000 });

        using var response = await shared.It.Http.PostAsync("/simulator/disputes", new StringContent($$"""{"charge":"{{intent.LatestChargeId}}","amount":{{amount}}}""", Encoding.UTF8, "application/json"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await shared.Stripe.V1.Disputes.ListAsync(new() { Charge = intent.LatestChargeId })).Data.ShouldBeEmpty();
    }
}
