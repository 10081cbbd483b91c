using System.Collections.Concurrent;
using System.Text.Json.Nodes;
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
                created[i] = await UntilAnswered(tutor, $"kill-{i}", Requests.Course($"Course number {i}"));
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
        var authored = await AuthoredBy(tutor);
        authored.Count.ShouldBe(Commands + 1, "no course more, no course less than were ordered");
        created.Values.Except(authored).ShouldBeEmpty();
        _probe.Received.ShouldNotContain(m => m.Exchange == "error");
        await WorkerUnderTest.Until(() => _probe.Events<CoursePublished>().Any(e => e.CourseId == course), "the publication arrived");
    }

    static async Task<Guid> UntilAnswered(Person person, string key, object body)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            try
            {
                using var response = await person.Send(HttpMethod.Post, "/v1/courses", body, key);
                if ((int)response.StatusCode == 201)
                {
                    return JsonNode.Parse(await response.Content.ReadAsStringAsync(deadline.Token))!["id"]!.GetValue<Guid>();
                }

                // 202: accepted and not answered yet; 503: somebody is away. The same key again is the same command.
                ((int)response.StatusCode).ShouldBeOneOf(202, 503, 504);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, deadline.Token); // Nobody listens: the platform is being started again.
            }
        }
    }

    static async Task<List<Guid>> AuthoredBy(Person tutor)
    {
        var ids = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await tutor.Get($"/v1/me/courses-authored?limit=100{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            ids.AddRange(page["items"]!.AsArray().Select(c => c!["courseId"]!.GetValue<Guid>()));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        return ids;
    }
}
