using System.Text.Json.Nodes;
using EdTech.Contracts;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Analytics.Tests;

/// <summary>On servers of its own, which it takes away.</summary>
public sealed class AppenderFaultTests : IAsyncLifetime
{
    const int Events = 60;
    FaultyStack _servers = null!;

    public async ValueTask InitializeAsync() => _servers = await FaultyStack.Up("rabbitmq kafka dynamodb");

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Fact]
    public async Task Events_wait_while_Kafka_is_away_and_are_there_when_it_is_back_though_the_bus_died_in_between()
    {
        // So short that every event's produce fails several times over.
        await using var worker = await WorkerUnderTest.Start(_servers, "analytics", AnalyticsEndpoint.Build, ("EDTECH_KAFKA_TIMEOUT", "2"));
        Assert.SkipWhen(worker.Infrastructure.KafkaAdmin is null, "A real Kafka is not taken away by a test.");
        await worker.Probe.Listen("error");
        var course = Guid.NewGuid().ToString();
        await Publish(worker, course, 0);
        (await AnalyticsFixture.Read(worker.Args, "edtech.learning.events", r => r.Key == course, 1)).Count.ShouldBe(1);

        await Kafka(worker, "down");
        for (var n = 1; n < Events; n++)
        {
            await Publish(worker, course, n);
        }

        await WorkerUnderTest.Until(async () => await Waiting(worker) == Events - 1, "all events wait in the queue");
        await _servers.Kill("rabbitmq");
        await _servers.Restart("rabbitmq"); // not all: the broker of Kafka is down on purpose
        await WorkerUnderTest.Ready(worker.Host);
        await Kafka(worker, "up");

        await WorkerUnderTest.Until(async () => await Waiting(worker) == 0, "the queue is empty");
        var records = await AnalyticsFixture.Read(worker.Args, "edtech.learning.events", r => r.Key == course, Events);
        records.Select(r => r.Id).Distinct().Count().ShouldBe(Events);
        records.Select(r => JsonNode.Parse(r.Body)!["N"]!.GetValue<int>()).Distinct().Order().ShouldBe(Enumerable.Range(0, Events));
        worker.Probe.Received.ShouldAllBe(m => m.Exchange != "error");
    }

    static Task Publish(WorkerUnderTest worker, string course, int n)
        => AnalyticsFixture.Publish(worker.Probe.Channel, "EdTech.Contracts.Learning.CourseArchived", $$"""{"CourseId":"{{course}}","N":{{n}}}""");

    static async Task Kafka(WorkerUnderTest worker, string what)
    {
        using var http = new HttpClient { BaseAddress = new Uri(worker.Infrastructure.KafkaAdmin!) };
        using var done = await http.PostAsync(new Uri($"/broker/{what}", UriKind.Relative), null);
        done.EnsureSuccessStatusCode();
    }

    /// <summary>Messages in the endpoint's queue, those in the worker's hands included.</summary>
    static async Task<int> Waiting(WorkerUnderTest worker)
    {
        try
        {
            var queue = JsonNode.Parse(await worker.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{worker.Infrastructure.Prefix}/EdTech.Analytics"))!;
            return queue["messages"]?.GetValue<int>() ?? -1;
        }
        catch (HttpRequestException)
        {
            return -1;
        }
    }
}
