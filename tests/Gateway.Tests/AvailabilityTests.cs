using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class AvailabilityTests(GatewayFixture fixture)
{
    static readonly Uri Ready = new("/health/ready", UriKind.Relative);
    static readonly Uri Keys = new("/.well-known/jwks.json", UriKind.Relative);

    [Fact]
    public async Task A_worker_that_is_away_is_a_503_with_Retry_After_and_the_gateway_is_not_ready()
    {
        using var http = await fixture.AnotherGateway(("EDTECH_USERS_URL", $"http://127.0.0.1:{Infrastructure.FreePort()}"));

        using var answer = await http.GetAsync(Keys);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("worker.unavailable");

        using var ready = await http.GetAsync(Ready);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync()).ShouldContain("users");
        using var live = await http.GetAsync(new Uri("/health/live", UriKind.Relative));
        live.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_worker_that_goes_away_later_does_not_take_the_gateway_out_of_its_load_balancer()
    {
        await using var line = new FragileLine(new Uri(fixture.Setting("EDTECH_USERS_URL")));
        using var http = await fixture.AnotherGateway(("EDTECH_USERS_URL", line.Address.ToString()));
        await WorkerUnderTest.Until(
            async () =>
            {
                using var ready = await http.GetAsync(Ready);
                return ready.StatusCode == HttpStatusCode.OK;
            },
            "the gateway is ready");

        line.Cut();

        (await http.GetStringAsync(Ready)).ShouldBe("ready, but away: users");
    }

    [Fact]
    public async Task A_token_cannot_be_judged_while_its_keys_are_away()
    {
        var person = await fixture.SignUp("tutor");
        using var http = await fixture.AnotherGateway(("EDTECH_USERS_URL", $"http://127.0.0.1:{Infrastructure.FreePort()}"));
        http.DefaultRequestHeaders.Authorization = person.Authorization;

        using var answer = await http.PostAsJsonAsync("/v1/courses", new { });

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("auth.unavailable");
    }

    [Fact]
    public async Task After_many_failures_the_gateway_stops_asking_for_a_while()
    {
        using var http = await fixture.AnotherGateway(("EDTECH_USERS_URL", $"http://127.0.0.1:{Infrastructure.FreePort()}"));

        for (var i = 0; i < 15; i++)
        {
            using var answer = await http.GetAsync(Keys);
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        // Three tries with pauses take at least 100 ms; an open breaker answers at once.
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        using var last = await http.GetAsync(Keys);
        last.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        System.Diagnostics.Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }
}
