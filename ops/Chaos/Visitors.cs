using System.Collections.Concurrent;
using System.Globalization;
using EdTech.PlatformTesting;
using Shouldly;

namespace EdTech.Chaos;

/// <summary>People whose clients report what they do, in batches that they repeat until they are taken.</summary>
sealed class Visitors(IReadOnlyList<PlatformUnderTest> gateways)
{
    const int PerBatch = 5;
    readonly ConcurrentDictionary<Person, ConcurrentQueue<Guid>> _reported = new();

    public string Done => $"{_reported.Values.Sum(r => r.Count)} behaviour events";

    public IEnumerable<Task> Load(CancellationToken stop) => gateways.Select(g => Visit(g, stop));

    async Task Visit(PlatformUnderTest gateway, CancellationToken stop)
    {
        var person = await Person.RegisterPatiently(gateway);
        var mine = _reported[person] = new();
        var (anonymous, session) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        while (!stop.IsCancellationRequested)
        {
            var at = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);
            var ids = Enumerable.Range(0, PerBatch).Select(_ => Guid.CreateVersion7()).ToArray();
            var events = ids.Select(id => new { eventId = id, type = "video.paused", at, page = "https://learn.example/courses", data = new { lessonId = session, positionSeconds = 10, watchedSeconds = 9.5 } });
            var receipt = await person.Insist(HttpMethod.Post, "/v1/events", new { anonymousId = anonymous, sessionId = session, app = "web 1.4.0", sentAt = at, events });
            receipt["accepted"]!.GetValue<int>().ShouldBe(PerBatch);
            foreach (var id in ids)
            {
                mine.Enqueue(id);
            }

            await Task.WhenAny(Task.Delay(500, stop));
        }
    }

    /// <summary>The worker may still be reading: each person's list must become what was reported.</summary>
    public async Task Kept()
    {
        var kept = new List<Guid>();
        foreach (var (person, reported) in _reported)
        {
            var own = new List<Guid>();
            for (var deadline = DateTime.UtcNow.AddMinutes(2); ; await Task.Delay(500))
            {
                own = await person.All("/v1/me/behaviour", "eventId");
                if (reported.All(own.Contains) || DateTime.UtcNow > deadline)
                {
                    break;
                }
            }

            kept.AddRange(own);
        }

        Census.Take("behaviour events", _reported.Values.SelectMany(r => r), kept);
    }
}
