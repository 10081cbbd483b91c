using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>The platform is killed between ordering a recording and knowing that it runs: at Agora there is one recorder, not two and not one that nobody stops.</summary>
public sealed class RecordingSurvivesKill : IAsyncLifetime
{
    PlatformUnderTest _platform = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _platform = await PlatformUnderTest.StartProcess(("EDTECH_RECORDER_SECONDS", "1"));

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_recording_that_was_ordered_runs_once_and_ends_with_its_files_whenever_the_platform_dies()
    {
        var (tutor, student) = (await Person.Register(_platform, tutor: true), await Person.Register(_platform));
        Guid unheard = await Lesson(tutor, student), started = await Lesson(tutor, student), ordered = await Lesson(tutor, student);
        await Simulator("webhooks", new { hold = true });
        await Simulator("faults", new { kind = "timeout_after_effect", path = "/start", count = 1 });

        await Order(tutor, unheard);
        await WorkerUnderTest.Until(async () => (await Recorders(unheard)).Count == 1, "the recorder has started, and neither answer nor webhook has told its id");
        await Order(tutor, started);
        await Order(tutor, ordered);
        await WorkerUnderTest.Until(async () => (await Recorders(started)).Count == 1, "the recorder has started; whether its id is stored, nobody knows");
        await _platform.Kill();
        await _platform.Restart();
        await Simulator("webhooks", new { hold = false });

        foreach (var lesson in new[] { unheard, started, ordered })
        {
            var recording = await Reaches(tutor, lesson, "recording");
            (await Recorders(lesson)).ShouldHaveSingleItem()!["running"]!.GetValue<bool>().ShouldBeTrue();
            await tutor.Post($"/v1/lesson-sessions/{lesson}/recordings/{recording["recordingId"]}/stop");
            (await Reaches(tutor, lesson, "ready"))["files"]!.AsArray().ShouldNotBeEmpty();
            (await Recorders(lesson)).ShouldHaveSingleItem()!["running"]!.GetValue<bool>().ShouldBeFalse();
        }
    }

    static async Task<Guid> Lesson(Person tutor, Person student)
    {
        var lesson = (await tutor.Post("/v1/lesson-sessions", new { title = "Fractions, live", startsAt = DateTimeOffset.UtcNow, minutes = 60, studentIds = new[] { student.Id } }))["id"]!.GetValue<Guid>();
        await tutor.Post($"/v1/lesson-sessions/{lesson}/open");
        foreach (var person in new[] { tutor, student })
        {
            await person.Post($"/v1/lesson-sessions/{lesson}/join");
            await person.Expect(null, HttpMethod.Put, $"/v1/lesson-sessions/{lesson}/recording-consent", new { agreed = true });
        }

        return lesson;
    }

    static Task Order(Person tutor, Guid lesson) => tutor.Post($"/v1/lesson-sessions/{lesson}/recordings");

    static async Task<JsonNode> Reaches(Person tutor, Guid lesson, string status)
    {
        JsonNode? recording = null;
        await WorkerUnderTest.Until(
            async () => (recording = (await tutor.Get($"/v1/lesson-sessions/{lesson}/recordings")).AsArray().ShouldHaveSingleItem())!["status"]!.GetValue<string>() == status,
            $"the lesson's only recording is {status}");
        return recording!;
    }

    async Task<JsonArray> Recorders(Guid lesson) => (await _platform.Agora.GetFromJsonAsync<JsonNode>($"/simulator/channels/{lesson}", Ct))!["recorders"]!.AsArray();

    async Task Simulator(string what, object body)
    {
        using var answer = await _platform.Agora.PostAsJsonAsync($"/simulator/{what}", body, Ct);
        answer.EnsureSuccessStatusCode();
    }
}
