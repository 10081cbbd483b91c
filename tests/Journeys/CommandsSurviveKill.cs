using System.Collections.Concurrent;
using EdTech.Contracts.Learning;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>The promise behind every 2xx and 202: what was accepted takes effect once, whoever dies in between.</summary>
public sealed class CommandsSurviveKill : IAsyncLifetime
{
    const int Commands = 2_000;
    PlatformUnderTest _platform = null!;
    BrokerProbe _probe = null!;

    public async ValueTask InitializeAsync()
    {
        _platform = await PlatformUnderTest.StartProcess();
        _probe = await BrokerProbe.Connect(_platform.Infrastructure.RabbitMq);
        await _probe.Listen("error");
    }

    public async ValueTask DisposeAsync()
    {
        await _probe.DisposeAsync();
        await _platform.DisposeAsync();
    }

    [Fact]
    public async Task Two_thousand_commands_take_effect_once_while_the_platform_is_killed_three_times()
    {
        var tutor = await Person.Register(_platform, tutor: true);
        var course = (await tutor.Post("/v1/courses", Requests.Course("Everything survives")))["id"]!.GetValue<Guid>();
        var section = (await tutor.Post($"/v1/courses/{course}/sections", new { title = "Start" }))["id"]!.GetValue<Guid>();
        await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("Read me"));
        await tutor.Post($"/v1/courses/{course}/publish");

        // Each command creates a course of its own: 2,000 rows and as many events to count.
        var created = new ConcurrentDictionary<int, Guid>();
        using var few = new SemaphoreSlim(32);
        var load = Enumerable.Range(0, Commands).Select(async i =>
        {
            await few.WaitAsync();
            try
            {
                created[i] = (await tutor.Insist(HttpMethod.Post, "/v1/courses", Requests.Course($"Course number {i}"), $"kill-{i}"))["id"]!.GetValue<Guid>();
            }
            finally
            {
                few.Release();
            }
        }).ToArray();
        foreach (var part in new[] { 0.2, 0.5, 0.75 })
        {
            await Task.WhenAny(Task.WhenAll(load), WorkerUnderTest.Until(() => created.Count > Commands * part, $"{part:P0} of the load is done"));
            await _platform.Kill();
            await _platform.Restart();
        }

        await Task.WhenAll(load);

        created.Values.Distinct().Count().ShouldBe(Commands);
        var authored = await tutor.All("/v1/me/courses-authored", "courseId");
        authored.Count.ShouldBe(Commands + 1, "no course more, no course less than were ordered");
        created.Values.Except(authored).ShouldBeEmpty();
        _probe.Received.ShouldNotContain(m => m.Exchange == "error");
        await WorkerUnderTest.Until(() => _probe.Events<CoursePublished>().Any(e => e.CourseId == course), "the publication arrived");
    }
}
