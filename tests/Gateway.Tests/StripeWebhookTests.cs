using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Npgsql;
using Shouldly;

namespace EdTech.Gateway.Tests;

/// <summary>The one route that only Stripe calls.</summary>
public sealed class StripeWebhookTests(GatewayFixture fixture)
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("t=1,v1=00")]
    [InlineData("t=99999999999999999999,v1=zz")]
    public async Task What_is_not_signed_is_refused(string? signature)
    {
        using var answer = await Post(Event($"evt_{Guid.NewGuid():N}"), signature);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("webhook.not_signed");
    }

    [Fact]
    public async Task A_signature_is_over_the_very_bytes_and_five_minutes_good()
    {
        var json = Event($"evt_{Guid.NewGuid():N}");

        using var changed = await Post(json + " ", Sign(json, DateTimeOffset.UtcNow));
        using var old = await Post(json, Sign(json, DateTimeOffset.UtcNow.AddMinutes(-6)));

        changed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        old.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_signed_event_is_stored_once_however_often_it_comes()
    {
        var id = $"evt_{Guid.NewGuid():N}";
        var json = Event(id);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            using var answer = await Post(json, Sign(json, DateTimeOffset.UtcNow));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        }

        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{fixture.Platform.Infrastructure.Prefix}_payments" }.ConnectionString);
        await using var command = db.CreateCommand("SELECT payload || '|' || repeats FROM payments.stripe_event WHERE event_id = $1");
        command.Parameters.Add(new() { Value = id });
        (await command.ExecuteScalarAsync()).ShouldBe($"{json}|2");
    }

    [Fact]
    public async Task More_than_a_megabyte_is_not_read()
    {
        var json = new string(' ', 1_100_000);

        using var answer = await Post(json, Sign(json, DateTimeOffset.UtcNow));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Stripe_is_not_limited_like_a_person()
    {
        using var strict = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "1"));

        foreach (var _ in Enumerable.Range(0, 5))
        {
            using var answer = await strict.PostAsync(new Uri("/v1/webhooks/stripe", UriKind.Relative), new StringContent("{}"));
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            answer.Headers.Contains("RateLimit").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task An_event_that_cannot_be_stored_is_asked_for_again()
    {
        using var cut = await fixture.AnotherGateway(("EDTECH_PAYMENTS_URL", $"http://127.0.0.1:{Infrastructure.FreePort()}"));
        var json = Event($"evt_{Guid.NewGuid():N}");

        using var answer = await Post(json, Sign(json, DateTimeOffset.UtcNow), cut);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    async Task<HttpResponseMessage> Post(string json, string? signature, HttpClient? gateway = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/webhooks/stripe", UriKind.Relative));
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        request.Headers.ExpectContinue = json.Length > 1_000_000;
        if (signature is not null) request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        return await (gateway ?? fixture.Http).SendAsync(request);
    }

    string Sign(string json, DateTimeOffset at)
        => $"t={at.ToUnixTimeSeconds()},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(fixture.Setting("EDTECH_STRIPE_WEBHOOK_SECRET")), Encoding.UTF8.GetBytes($"{at.ToUnixTimeSeconds()}.{json}")))}";

    static string Event(string id)
        => $$$"""{"id":"{{{id}}}","object":"event","api_version":"2025-09-30.clover","created":{{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}}},"type":"customer.created","data":{"object":{"id":"cus_none","object":"customer"}},"livemode":false,"pending_webhooks":0,"request":{"id":null,"idempotency_key":null}}""";
}
