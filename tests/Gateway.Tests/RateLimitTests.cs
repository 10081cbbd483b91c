using System.Net;
using System.Net.Http.Json;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class RateLimitTests(GatewayFixture fixture)
{
    static readonly Uri Nowhere = new("/v1/operations/none", UriKind.Relative);

    [Theory]
    [InlineData(null)]
    [InlineData("127.0.0.1:1,connectRetry=0")]
    public async Task Past_the_limit_callers_are_told_to_wait_also_without_Redis(string? redis)
    {
        using var http = await fixture.AnotherGateway([("EDTECH_RATE_LIMIT", "5"), .. redis is null ? Array.Empty<(string, string)>() : [("EDTECH_REDIS", redis)]]);

        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 14; i++) answers.Add(await http.GetAsync(Nowhere));

        // Twelve at most, if the window turned in between.
        answers.Count(a => a.StatusCode == HttpStatusCode.NotFound).ShouldBeInRange(5, 10);
        var refused = answers.Last();
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        answers[0].Headers.GetValues("RateLimit-Policy").Single().ShouldBe("\"default\";q=5;w=60");
        answers[0].Headers.GetValues("RateLimit").Single().ShouldStartWith("\"default\";r=4;t=");
        answers.ForEach(a => a.Dispose());
    }

    [Fact]
    public async Task Gateways_share_the_count()
    {
        var shared = Guid.NewGuid().ToString("N");
        using var one = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "6"), ("EDTECH_REDIS_PREFIX", shared));
        using var other = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "6"), ("EDTECH_REDIS_PREFIX", shared));

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            using var first = await one.GetAsync(Nowhere);
            using var second = await other.GetAsync(Nowhere);
            statuses.AddRange([first.StatusCode, second.StatusCode]);
        }

        statuses.Count(s => s == HttpStatusCode.NotFound).ShouldBeInRange(6, 12);
    }

    [Fact]
    public async Task Accounts_have_budgets_of_their_own()
    {
        var (one, other) = (await fixture.SignUp(), await fixture.SignUp());
        using var http = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "3"));

        async Task<HttpStatusCode> Ask(Person person)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Nowhere);
            request.Headers.Authorization = person.Authorization;
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }

        for (var i = 0; i < 8; i++) await Ask(one);
        (await Ask(one)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await Ask(other)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Forwarded_addresses_are_believed_only_from_a_trusted_proxy()
    {
        using var distrusting = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "3"));
        using var trusting = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "3"), ("EDTECH_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"));

        static async Task<int> Served(HttpClient http)
        {
            var served = 0;
            for (var i = 0; i < 12; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Nowhere);
                request.Headers.Add("X-Forwarded-For", $"203.0.113.{i}");
                using var response = await http.SendAsync(request);
                if (response.StatusCode == HttpStatusCode.NotFound) served++;
            }

            return served;
        }

        (await Served(distrusting)).ShouldBeLessThan(7);
        (await Served(trusting)).ShouldBe(12);
    }

    [Fact]
    public async Task Signing_in_has_a_stricter_limit()
    {
        using var http = await fixture.AnotherGateway(("EDTECH_RATE_LIMIT", "1000"), ("EDTECH_RATE_LIMIT_CREDENTIALS", "2"));

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 6; i++)
        {
            using var response = await http.PostAsJsonAsync("/v1/sessions", new { email = $"{Guid.NewGuid():N}@example.test", password = "not the password of anybody" });
            statuses.Add(response.StatusCode);
        }

        statuses.ShouldContain(HttpStatusCode.TooManyRequests);
        statuses[0].ShouldBe(HttpStatusCode.Unauthorized);
    }
}
