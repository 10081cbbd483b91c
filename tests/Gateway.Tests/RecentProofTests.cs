using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Npgsql;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class RecentProofTests(GatewayFixture fixture)
{
    [Theory]
    [InlineData("PUT", "/v1/me/payout-settings", """{"interval":"monthly","minimumMinorUnits":2500}""")]
    [InlineData("POST", "/v1/me/payouts", """{"currency":"EUR"}""")]
    public async Task A_session_that_began_long_ago_does_not_decide_where_money_goes_even_when_it_was_refreshed(string method, string path, string body)
    {
        var tutor = await fixture.SignUp("tutor");
        var tokens = await SignIn(tutor);
        await BeganMinutesAgo(tokens.GetProperty("sessionId").GetGuid(), 11);
        using var refreshed = await fixture.Http.PostAsJsonAsync("/v1/sessions/refresh", new { refreshToken = tokens.GetProperty("refreshToken").GetString() });
        var later = (await refreshed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;

        using var refused = await Send(method, path, body, later);
        using var read = await Send("GET", "/v1/me/payout-account", null, later);
        using var again = await Send(method, path, body, (await SignIn(tutor)).GetProperty("accessToken").GetString()!);

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("auth.step_up_required");
        var challenge = refused.Headers.WwwAuthenticate.ShouldHaveSingleItem();
        challenge.Scheme.ShouldBe("Bearer");
        challenge.Parameter!.ShouldContain("error=\"insufficient_user_authentication\"");
        challenge.Parameter!.ShouldContain("max_age=600");
        read.StatusCode.ShouldBe(HttpStatusCode.OK);
        again.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.Conflict); // Nothing is to be paid out yet.
    }

    [Fact]
    public async Task Settings_that_were_changed_meanwhile_are_not_overwritten()
    {
        var tutor = await fixture.SignUp("tutor");
        using var before = await Send("GET", "/v1/me/payout-account", null, tutor.Token);
        var tag = before.Headers.ETag!.ToString();

        using var first = await Send("PUT", "/v1/me/payout-settings", """{"interval":"monthly","minimumMinorUnits":2500}""", tutor.Token, tag);
        using var second = await Send("PUT", "/v1/me/payout-settings", """{"interval":"daily","minimumMinorUnits":0}""", tutor.Token, tag);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        using var after = await Send("GET", "/v1/me/payout-account", null, tutor.Token);
        JsonNode.Parse(await after.Content.ReadAsStringAsync())!["interval"]!.GetValue<string>().ShouldBe("monthly");
    }

    [Fact]
    public async Task Reports_can_be_had_as_tables()
    {
        var tutor = await fixture.SignUp("tutor");

        using var statement = await Send("GET", "/v1/me/earnings/statement?currency=EUR&from=2026-01-01&to=2026-12-31&format=csv", null, tutor.Token);
        using var page = await Send("GET", "/v1/me/earnings/statement?currency=EUR&from=2026-01-01&to=2026-12-31", null, tutor.Token);
        using var unknown = await Send("GET", "/v1/me/tax-reports/2026?format=xml", null, tutor.Token);
        using var backwards = await Send("GET", "/v1/me/earnings/statement?currency=EUR&from=2026-02-02&to=2026-02-01", null, tutor.Token);

        statement.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        (await statement.Content.ReadAsStringAsync()).ShouldBe("at,what,purchaseId,currency,amount,balance\r\n2026-01-01,opening,,EUR,,0.00\r\n2026-12-31,closing,,EUR,,0.00\r\n");
        JsonNode.Parse(await page.Content.ReadAsStringAsync())!["closing"]!["minorUnits"]!.GetValue<long>().ShouldBe(0);
        unknown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode.Parse(await backwards.Content.ReadAsStringAsync())!["errors"]![0]!["name"]!.GetValue<string>().ShouldBe("to");
    }

    async Task<JsonElement> SignIn(Person person)
    {
        using var answer = await fixture.Http.PostAsJsonAsync("/v1/sessions", new { email = person.Email, password = GatewayFixture.Password, device = "a test" });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Time passes in the row that says when the session began; nobody waits ten minutes.</summary>
    async Task BeganMinutesAgo(Guid sessionId, int minutes)
    {
        await using var users = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{fixture.Platform.Infrastructure.Prefix}_users" }.ConnectionString);
        await using var command = users.CreateCommand("UPDATE users.session SET created_at = now() - make_interval(mins => $2) WHERE session_id = $1");
        command.Parameters.Add(new() { Value = sessionId });
        command.Parameters.Add(new() { Value = minutes });
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    async Task<HttpResponseMessage> Send(string method, string path, string? body, string token, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (body is not null) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await fixture.Http.SendAsync(request);
    }
}
