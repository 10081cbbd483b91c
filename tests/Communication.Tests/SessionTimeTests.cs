using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Communication.Tests;

/// <summary>An endpoint where nobody is waited for longer than seconds: three until somebody is missing, six until a lesson of five minutes is over.</summary>
public sealed class ShortLessons(CommunicationFixture chat) : IAsyncLifetime
{
    public WorkerUnderTest Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
        => Worker = await WorkerUnderTest.Start(
            "communication", CommunicationEndpoint.Build,
            [
                .. chat.Agora.Settings,
                ("EDTECH_USERS_URL", chat.Worker.Args.Single(a => a.StartsWith("--EDTECH_USERS_URL=", StringComparison.Ordinal))["--EDTECH_USERS_URL=".Length..]),
                ("EDTECH_LESSON_NO_SHOW_MINUTES", "0.05"),
                ("EDTECH_LESSON_OVERTIME_MINUTES", "-4.9"),
            ]);

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}

public sealed class SessionTimeTests(CommunicationFixture chat, ShortLessons servers) : IClassFixture<ShortLessons>
{
    [Fact]
    public async Task A_tutor_who_does_not_open_the_room_did_not_come()
    {
        var lesson = await Plan();

        (await lesson.Ended()).Outcome.ShouldBe(SessionOutcome.TutorNoShow);
        (await lesson.View())!.Status.ShouldBe(SessionStatus.Ended);
    }

    [Fact]
    public async Task A_tutor_who_opened_the_room_and_did_not_enter_did_not_come()
    {
        var lesson = await Plan();
        await servers.Worker.Done(new OpenSession(lesson.Tutor, lesson.Id));
        await lesson.Join(lesson.Student);

        (await lesson.Ended()).Outcome.ShouldBe(SessionOutcome.TutorNoShow);
    }

    [Fact]
    public async Task A_student_who_does_not_come_is_missing_while_the_tutor_was_there()
    {
        var lesson = await Plan();
        await servers.Worker.Done(new OpenSession(lesson.Tutor, lesson.Id));
        await lesson.Join(lesson.Tutor);

        var ended = await lesson.Ended();
        ended.Outcome.ShouldBe(SessionOutcome.StudentNoShow);
        ended.Attendance[0].Seconds.ShouldBeGreaterThan(0);
        ended.Attendance[1].ShouldBe(new Attendance(lesson.Student.Id, null, null, 0));
    }

    [Fact]
    public async Task A_lesson_that_nobody_ends_ends_by_itself()
    {
        var lesson = await Plan();
        await servers.Worker.Done(new OpenSession(lesson.Tutor, lesson.Id));
        await lesson.Join(lesson.Tutor);
        await lesson.Join(lesson.Student);

        var ended = await lesson.Ended();
        ended.Outcome.ShouldBe(SessionOutcome.Held);
        ended.Attendance.ShouldAllBe(a => a.LastLeftAt != null && a.Seconds >= 2);
        servers.Worker.Events<SessionEnded>().Count(e => e.SessionId == lesson.Id).ShouldBe(1);
    }

    Task<Lesson> Plan() => chat.Lesson(minutes: 5, worker: servers.Worker);
}
