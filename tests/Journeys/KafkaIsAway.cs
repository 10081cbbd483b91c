using System.Net;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>What is only taken once Kafka has it is not taken while Kafka is away; the same request afterwards takes effect once.</summary>
[Collection("servers that are killed")]
public sealed class KafkaIsAway : IAsyncLifetime
{
    readonly HttpClient _kafka = new() { Timeout = TimeSpan.FromSeconds(20) };
    FaultyStack _servers = null!;
    PlatformUnderTest _platform = null!;

    public async ValueTask InitializeAsync()
    {
        _servers = await FaultyStack.Up("kafka");
        _kafka.BaseAddress = new Uri(_servers.Settings["EDTECH_KAFKA_ADMIN"]);
        _platform = await PlatformUnderTest.StartProcess(_servers.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        _kafka.Dispose();
        await _platform.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task Messages_and_events_are_refused_for_the_moment_and_stored_once_when_they_come_again()
    {
        var (anna, ben) = (await Person.Register(_platform), await Person.Register(_platform));
        var chat = $"/v1/conversations/{(await anna.Post("/v1/conversations", new { kind = "direct", memberIds = new[] { ben.Id } }))["id"]}";
        var message = new { messageId = Guid.CreateVersion7(), text = "Are you there?" };
        var batch = new
        {
            anonymousId = Guid.CreateVersion7(), sessionId = Guid.CreateVersion7(), app = "web 1.0.0", sentAt = DateTimeOffset.UtcNow,
            events = new[] { new { eventId = Guid.CreateVersion7(), type = "page.viewed", at = DateTimeOffset.UtcNow, data = new { title = "Home" } } },
        };
        Task<HttpResponseMessage>[] Both() => [anna.Send(HttpMethod.Post, $"{chat}/messages", message), anna.Send(HttpMethod.Post, "/v1/events", batch)];

        await Broker("down");
        foreach (var refused in await Task.WhenAll(Both()))
        {
            using (refused)
            {
                var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
                (refused.StatusCode, problem["code"]!.GetValue<string>()).ShouldBe((HttpStatusCode.ServiceUnavailable, "stream.unavailable"));
                refused.Headers.RetryAfter.ShouldNotBeNull();
            }
        }

        await Broker("up");
        for (var time = 0; time < 2; time++)
        {
            await WorkerUnderTest.Until(
                async () =>
                {
                    var answers = await Task.WhenAll(Both());
                    return answers.All(a => a.IsSuccessStatusCode);
                },
                "Kafka is back and takes both");
        }

        await anna.Expect(202, HttpMethod.Post, $"{chat}/messages", new { text = "The last one." });
        await anna.Expect(200, HttpMethod.Post, "/v1/events", batch with { events = [new { eventId = Guid.CreateVersion7(), type = "page.viewed", at = DateTimeOffset.UtcNow, data = new { title = "The last one" } }] });
        // Each topic keeps its order: when the last is stored, all that came before is.
        JsonArray said = [], done = [];
        await WorkerUnderTest.Until(async () => (said = (await ben.Get($"{chat}/messages"))["messages"]!.AsArray()).LastOrDefault()?["text"]?.GetValue<string>() == "The last one.", "the last message is stored");
        await WorkerUnderTest.Until(async () => (done = (await anna.Get("/v1/me/behaviour"))["items"]!.AsArray()).Any(e => e!["data"]!["title"]?.GetValue<string>() == "The last one"), "the last event is stored");
        said.Select(m => m!["text"]!.GetValue<string>()).ShouldBe(["Are you there?", "The last one."]);
        done.Count(e => e!["eventId"]!.GetValue<Guid>() == batch.events[0].eventId).ShouldBe(1);
    }

    async Task Broker(string what)
    {
        using var answer = await _kafka.PostAsync(new Uri($"/broker/{what}", UriKind.Relative), null, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
