using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Testing;

namespace EdTech.Communication.Tests;

public sealed partial class CommunicationFixture
{
    /// <summary>The stand-in for Agora.</summary>
    public AgoraUnderTest Agora { get; private set; } = null!;

    async Task<(string Name, string Value)[]> StartAgora()
    {
        Agora = await AgoraUnderTest.Start();
        return [.. Agora.Settings, ("EDTECH_RECORDER_SECONDS", "1"), ("EDTECH_RECORDER_PATIENCE_SECONDS", "6")];
    }

    /// <summary>A lesson that was planned to begin now.</summary>
    public async Task<Lesson> Lesson(int students = 1, DateTimeOffset? at = null, int minutes = 60, WorkerUnderTest? worker = null)
    {
        var lesson = new Lesson(worker ?? Worker, Guid.CreateVersion7(), await Person("courses.author"), await People(students));
        await lesson.Worker.Done(new ScheduleSession(lesson.Tutor, lesson.Id, "Fractions", null, at ?? DateTimeOffset.UtcNow, minutes, [.. lesson.Students.Select(s => s.Id)]));
        return lesson;
    }

    /// <summary>A lesson whose tutor has opened the room.</summary>
    public async Task<Lesson> OpenLesson(int students = 1)
    {
        var lesson = await Lesson(students);
        await Worker.Done(new OpenSession(lesson.Tutor, lesson.Id));
        return lesson;
    }

    /// <summary>A lesson that goes on, with everybody there.</summary>
    public async Task<Lesson> RunningLesson(int students = 1)
    {
        var lesson = await OpenLesson(students);
        foreach (var person in lesson.Everybody)
        {
            await lesson.Join(person);
        }

        return lesson;
    }
}

/// <summary>A live lesson and its people.</summary>
public sealed record Lesson(WorkerUnderTest Worker, Guid Id, Actor Tutor, Actor[] Students)
{
    public Actor Student => Students[0];

    public IEnumerable<Actor> Everybody => [Tutor, .. Students];

    public async Task<SessionTicket> Join(Actor person) => (SessionTicket)await Worker.Ask(new JoinSession(person, Id));

    public Task<Done> Leave(Actor person) => Worker.Done(new LeaveSession(person, Id));

    public Task<Done> End() => Worker.Done(new EndSession(Tutor, Id));

    public Task<Done> Agree(Actor person, bool agreed = true) => Worker.Done(new ConsentToRecording(person, Id, agreed));

    public Task<SessionEnded> Ended() => Worker.Event<SessionEnded>(e => e.SessionId == Id);

    /// <summary>As a participant sees it; null for who is none.</summary>
    public async Task<LessonSessionView?> View(Actor? person = null)
    {
        using var answer = await Worker.Api(person ?? Tutor).GetAsync(new Uri($"/internal/communication/sessions/{Id}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(CommunicationJson.Web.LessonSessionView);
    }

    public async Task<ParticipantView> Of(Actor person) => (await View())!.Participants.Single(p => p.AccountId == person.Id);

    public async Task<IReadOnlyList<RecordingView>> Recordings(Actor person)
        => (await Worker.Api(person).GetFromJsonAsync(new Uri($"/internal/communication/sessions/{Id}/recordings", UriKind.Relative), CommunicationJson.Web.IReadOnlyListRecordingView))!;

    public Task Until(Func<LessonSessionView, bool> condition, string what) => WorkerUnderTest.Until(async () => condition((await View())!), what);

    /// <summary>A new recording, ordered once everybody has agreed.</summary>
    public async Task<Guid> Record()
    {
        foreach (var person in Everybody)
        {
            await Agree(person);
        }

        var id = Guid.CreateVersion7();
        await Worker.Done(new StartRecording(Tutor, Id, id));
        return id;
    }
}
