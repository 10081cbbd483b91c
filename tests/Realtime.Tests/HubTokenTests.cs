using System.Net;
using EdTech.Contracts.Users;
using EdTech.Gateway;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Realtime.Tests;

public sealed class HubTokenTests(RealtimeFixture fixture)
{
    [Fact]
    public async Task Nobody_comes_in_without_a_token_that_counts()
    {
        var person = fixture.NewPerson();
        var stale = fixture.Token(person, issuedAt: DateTimeOffset.UtcNow.AddHours(-1));

        foreach (var token in new[] { "", "abc", "a.b.c", new string('a', 5_000), stale, $"{fixture.Token(person)[..^4]}AAAA" })
        {
            (await Upgrade($"/hubs/chat?access_token={token}")).ShouldBe(HttpStatusCode.Unauthorized, token.Length > 40 ? token[..40] : token);
        }

        (await Upgrade($"/hubs/chat?access_token={fixture.Token(person)}")).ShouldBe(HttpStatusCode.SwitchingProtocols);
        (await Upgrade("/hubs/chat", fixture.Token(person))).ShouldBe(HttpStatusCode.SwitchingProtocols);
    }

    [Fact]
    public async Task A_token_in_the_address_opens_no_other_door()
    {
        using var http = new HttpClient { BaseAddress = fixture.First };

        using var answer = await http.GetAsync(new Uri($"/v1/me?access_token={fixture.Token(fixture.NewPerson())}", UriKind.Relative));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Neither_traces_nor_answers_show_the_token()
    {
        var token = fixture.Token(fixture.NewPerson());
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) => System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => seen.Add($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(t => t.Value))}"),
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        using var http = new HttpClient { BaseAddress = fixture.First };

        using var refused = await http.GetAsync(new Uri($"/hubs/nothing?access_token={token}", UriKind.Relative));
        await using (await ChatSocket.Connect(fixture.First, token))
        {
        }

        await WorkerUnderTest.Until(() => seen.Any(s => s.Contains("/hubs", StringComparison.Ordinal)), "the connection's trace has ended");
        seen.Where(s => s.Contains(token[..40], StringComparison.Ordinal)).ShouldBeEmpty();
        (await refused.Content.ReadAsStringAsync()).ShouldNotContain(token);
    }

    [Fact]
    public async Task A_connection_ends_with_its_token_and_says_so()
    {
        await using var socket = await ChatSocket.Connect(fixture.First, fixture.Token(fixture.NewPerson(), TimeSpan.FromSeconds(4)));

        (await socket.Ended()).ShouldBe("token.expired");
    }

    [Fact]
    public async Task A_renewed_token_moves_the_end_and_only_the_same_account_can_renew()
    {
        var person = fixture.NewPerson();
        await using var socket = await ChatSocket.Connect(fixture.First, fixture.Token(person, TimeSpan.FromSeconds(5)));
        await using var other = await ChatSocket.Connect(fixture.First, fixture.Token(person, TimeSpan.FromSeconds(5)));

        (await Should.ThrowAsync<ChatRefusal>(socket.Invoke("Renew", fixture.Token(fixture.NewPerson())))).Code.ShouldBe("token.refused");
        (await Should.ThrowAsync<ChatRefusal>(socket.Invoke("Renew", "abc"))).Code.ShouldBe("token.refused");
        var renewed = await socket.Invoke("Renew", fixture.Token(person));

        renewed.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(9));
        (await other.Ended()).ShouldBe("token.expired");
        socket.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_revoked_session_ends_its_connections_on_every_gateway()
    {
        var person = fixture.NewPerson();
        await using var here = await fixture.Connect(person);
        await using var there = await fixture.Connect(person, fixture.Second);
        await using var otherSession = await fixture.Connect(person with { SessionId = Guid.CreateVersion7() });

        await fixture.Service<IMessageSession>().Publish(new SessionRevoked(person.SessionId, person.AccountId, DateTimeOffset.UtcNow));

        (await here.Ended()).ShouldBe("session.revoked");
        (await there.Ended()).ShouldBe("session.revoked");
        otherSession.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_suspended_account_is_sent_away()
    {
        var person = fixture.NewPerson();
        await using var socket = await fixture.Connect(person);

        await fixture.Service<IMessageSession>().Publish(new AccountSuspended(person.AccountId, DateTimeOffset.UtcNow.AddSeconds(1)));

        (await socket.Ended()).ShouldBe("session.revoked");
    }

    async Task<HttpStatusCode> Upgrade(string path, string? bearer = null)
    {
        using var http = new HttpClient { BaseAddress = fixture.First };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(Guid.NewGuid().ToByteArray()));
        if (bearer is not null) request.Headers.Authorization = new("Bearer", bearer);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}
