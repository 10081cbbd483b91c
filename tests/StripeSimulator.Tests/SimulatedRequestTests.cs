using System.Net;
using System.Net.Http.Headers;

namespace EdTech.StripeSimulator.Tests;

/// <summary>What Stripe does to requests before it looks at their meaning.</summary>
public sealed class SimulatedRequestTests(SharedSimulator shared)
{
    readonly StripeClient _stripe = shared.Stripe;

    [Theory]
    [InlineData("POST", "/v1/payment_intents", "amount=10&currency=usd", 400, "amount_too_small", "amount")]
    [InlineData("POST", "/v1/payment_intents", "amount=1000", 400, "parameter_missing", "currency")]
    [InlineData("POST", "/v1/payment_intents", "currency=usd", 400, "parameter_missing", "amount")]
    [InlineData("POST", "/v1/payment_intents", "amount=ten&currency=usd", 400, "parameter_invalid_integer", "amount")]
    [InlineData("POST", "/v1/payment_intents", "amount=100000000&currency=usd", 400, "amount_too_large", "amount")]
    [InlineData("POST", "/v1/payment_intents", "amount=1000&currency=xxx", 400, null, "currency")]
    [InlineData("POST", "/v1/payment_intents", "amount=1000&currency=usd&colour=red", 400, "parameter_unknown", "colour")]
    [InlineData("POST", "/v1/payment_intents", "amount=1000&currency=usd&customer=cus_none", 400, "resource_missing", "customer")]
    [InlineData("POST", "/v1/payment_intents", "amount=1000&currency=usd&payment_method=pm_none", 400, "resource_missing", "payment_method")]
    [InlineData("GET", "/v1/payment_intents/pi_none", "", 404, "resource_missing", "intent")]
    [InlineData("GET", "/v1/charges/ch_none", "", 404, "resource_missing", "id")]
    [InlineData("GET", "/v1/charges?limit=0", "", 400, "parameter_invalid_integer", "limit")]
    [InlineData("GET", "/v1/charges?starting_after=ch_none", "", 400, "resource_missing", "starting_after")]
    [InlineData("POST", "/v1/refunds", "", 400, null, null)]
    [InlineData("POST", "/v1/customers", "metadata=x", 400, null, "metadata")]
    [InlineData("POST", "/v1/accounts", "type=express&country=DE&default_currency=zzz", 400, null, "default_currency")]
    [InlineData("POST", "/v1/accounts", "type=express&country=ZZZ", 400, "country_unsupported", "country")]
    [InlineData("POST", "/v1/customers", "email=nobody", 400, "email_invalid", "email")]
    [InlineData("GET", "/v1/unheard_of", "", 404, null, null)]
    public async Task Bad_input_gets_Stripes_error(string method, string path, string body, int status, string? code, string? param)
    {
        var error = await Refused(method, path, body, status);

        ((string?)error["type"]).ShouldBe("invalid_request_error");
        ((string?)error["code"]).ShouldBe(code);
        ((string?)error["param"]).ShouldBe(param);
        ((string?)error["message"]).ShouldNotBeNullOrEmpty();
        ((string?)error["request_log_url"]).ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("/v1/payment_methods", "type=card&card[number]=4242424242424242&card[cvc]=123")]
    [InlineData("/v1/payment_intents", "amount=1000&currency=usd&payment_method_data[card][number]=4242424242424242")]
    public async Task Card_numbers_are_refused_wherever_they_come(string path, string body)
        => ((string?)(await Refused("POST", path, body, 402))["message"])!.ShouldContain("unsafe");

    [Fact]
    public async Task Keys_are_needed_and_must_be_right()
    {
        (await shared.It.Http.GetAsync("/v1/customers")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Should.ThrowAsync<StripeException>(() => shared.It.Client("sk_test_wrong_one").V1.Customers.ListAsync())).HttpStatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.Balance.GetAsync(requestOptions: new RequestOptions { StripeAccount = "acct_none" }))).StripeError.Code.ShouldBe("account_invalid");
    }

    [Fact]
    public async Task Answers_carry_the_request_id_and_the_version()
    {
        var customer = await _stripe.V1.Customers.CreateAsync(new());

        customer.StripeResponse.RequestId.ShouldStartWith("req_");
        customer.StripeResponse.Headers.GetValues("Stripe-Version").ShouldBe([StripeConfiguration.ApiVersion]);
    }

    [Fact]
    public async Task Lists_page_both_ways()
    {
        var customer = await _stripe.V1.Customers.CreateAsync(new());
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            made.Insert(0, (await _stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 500 + i, Currency = "usd", Customer = customer.Id })).Id);
        }

        var first = await _stripe.V1.PaymentIntents.ListAsync(new() { Customer = customer.Id, Limit = 3, Expand = ["data.customer"] });
        first.Data.Select(intent => intent.Id).ShouldBe(made[..3]);
        first.HasMore.ShouldBeTrue();
        first.Data[0].Customer.Id.ShouldBe(customer.Id);
        var second = await _stripe.V1.PaymentIntents.ListAsync(new() { Customer = customer.Id, Limit = 3, StartingAfter = made[2] });
        second.Data.Select(intent => intent.Id).ShouldBe(made[3..6]);
        var back = await _stripe.V1.PaymentIntents.ListAsync(new() { Customer = customer.Id, Limit = 2, EndingBefore = made[3] });
        back.Data.Select(intent => intent.Id).ShouldBe(made[1..3]);
        back.HasMore.ShouldBeTrue();
        var all = new List<string>();
        await foreach (var intent in _stripe.V1.PaymentIntents.ListAutoPagingAsync(new() { Customer = customer.Id, Limit = 2 }))
        {
            all.Add(intent.Id);
        }

        all.ShouldBe(made);
        (await _stripe.V1.PaymentIntents.ListAsync(new() { Customer = customer.Id, Created = new DateRangeOptions { GreaterThan = DateTime.UtcNow.AddHours(1) } })).Data.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ids_expand_along_paths()
    {
        var customer = await _stripe.V1.Customers.CreateAsync(new());
        var intent = await shared.It.Pay(customer: customer.Id);
        await _stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id, Amount = 100 });
        await _stripe.V1.Refunds.CreateAsync(new() { PaymentIntent = intent.Id, Amount = 200 });

        intent = await _stripe.V1.PaymentIntents.GetAsync(intent.Id, new() { Expand = ["customer", "latest_charge.refunds.data.balance_transaction", "latest_charge.balance_transaction.source", "review", "payment_method"] });

        intent.Customer.Id.ShouldBe(customer.Id);
        intent.Review.ShouldBeNull();
        intent.PaymentMethod.Card.Last4.ShouldBe("4242");
        intent.LatestCharge.Refunds.Data.Select(refund => refund.BalanceTransaction.Net).ShouldBe([-200, -100]);
        intent.LatestCharge.BalanceTransaction.Source.ShouldBeOfType<Charge>().Id.ShouldBe(intent.LatestChargeId);
        var listed = await _stripe.V1.Charges.ListAsync(new() { PaymentIntent = intent.Id, Expand = ["data.refunds", "data.payment_intent"] });
        listed.Data.ShouldHaveSingleItem().PaymentIntent.Id.ShouldBe(intent.Id);
        listed.Data[0].Refunds.Data.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("amount")]
    [InlineData("status")]
    [InlineData("colour")]
    [InlineData("latest_charge.colour")]
    [InlineData("refunds")]
    [InlineData("latest_charge.balance_transaction.source.payment_intent.customer")]
    public async Task Nothing_else_expands(string path)
    {
        var intent = await shared.It.Pay();

        (await Should.ThrowAsync<StripeException>(() => _stripe.V1.PaymentIntents.GetAsync(intent.Id, new() { Expand = ["latest_charge", path] }))).StripeError.Message.ShouldContain("expand");
    }

    async Task<System.Text.Json.Nodes.JsonObject> Refused(string method, string path, string body, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SimulatorUnderTest.SecretKey);
        if (method == "POST")
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        }

        using var response = await shared.It.Http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, answer);
        return System.Text.Json.Nodes.JsonNode.Parse(answer)!["error"]!.AsObject();
    }
}
