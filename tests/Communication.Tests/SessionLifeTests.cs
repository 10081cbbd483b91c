using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class SessionLifeTests(CommunicationFixture chat)
{
    [Fact]
    public async Task A_lesson_is_planned_opened_held_and_ended()
    {
        var lesson = await chat.Lesson();
        (await lesson.View())!.Status.ShouldBe(SessionStatus.Scheduled);
        await chat.Worker.Done(new OpenSession(lesson.Tutor, lesson.Id));
        await lesson.Join(lesson.Tutor);
        (await lesson.View())!.Status.ShouldBe(SessionStatus.Open);
        await lesson.Join(lesson.Student);
        (await lesson.View())!.Status.ShouldBe(SessionStatus.Running);
        await lesson.Leave(lesson.Student);
        await lesson.Join(lesson.Student);
        await lesson.End();

        var ended = await lesson.Ended();
        ended.Outcome.ShouldBe(SessionOutcome.Held);
        ended.Attendance.Select(a => a.AccountId).ShouldBe(lesson.Everybody.Select(p => p.Id));
        ended.Attendance.ShouldAllBe(a => a.FirstJoinedAt != null && a.LastLeftAt != null);
        chat.Worker.Events<SessionStarted>().Count(e => e.SessionId == lesson.Id).ShouldBe(1);
        chat.Worker.Events<SessionScheduled>().Count(e => e.SessionId == lesson.Id).ShouldBe(1);
        var view = (await lesson.View())!;
        (view.Status, view.Outcome).ShouldBe((SessionStatus.Ended, SessionOutcome.Held));
        view.Participants.ShouldAllBe(p => !p.Present);
    }

    [Fact]
    public async Task The_lesson_has_a_conversation_of_its_participants()
    {
        var lesson = await chat.Lesson(students: 9);

        await WorkerUnderTest.Until(async () => (await chat.View(lesson.Tutor, lesson.Id))?.MemberCount == 10, "all are members");
        var seen = (await chat.View(lesson.Students[8], lesson.Id))!;
        (seen.Kind, seen.SubjectId, seen.Moderator).ShouldBe((ConversationKind.Lesson, lesson.Id, false));
        (await chat.View(lesson.Tutor, lesson.Id))!.Moderator.ShouldBeTrue();
    }

    [Fact]
    public async Task A_stranger_learns_nothing_of_a_lesson()
    {
        var lesson = await chat.RunningLesson();
        var stranger = await chat.Person("courses.author");

        (await lesson.View(stranger)).ShouldBeNull();
        foreach (ICommand command in new ICommand[]
        {
            new JoinSession(stranger, lesson.Id), new OpenSession(stranger, lesson.Id), new EndSession(stranger, lesson.Id), new CancelSession(stranger, lesson.Id, "Mine now"),
            new RaiseHand(stranger, lesson.Id, true), new ConsentToRecording(stranger, lesson.Id, true), new StartRecording(stranger, lesson.Id, Guid.CreateVersion7()),
            new GrantScreenShare(stranger, lesson.Id, lesson.Student.Id, true), new RemoveFromSession(stranger, lesson.Id, lesson.Student.Id), new LeaveSession(stranger, lesson.Id),
        })
        {
            (await chat.Worker.Refused(command)).Code.ShouldBe("session.not_found", command.GetType().Name);
        }
    }

    [Fact]
    public async Task A_student_does_not_do_what_the_tutor_does()
    {
        var lesson = await chat.RunningLesson(students: 2);
        var student = lesson.Student;
        foreach (ICommand command in new ICommand[]
        {
            new OpenSession(student, lesson.Id), new EndSession(student, lesson.Id), new CancelSession(student, lesson.Id, "Too hard"), new StartRecording(student, lesson.Id, Guid.CreateVersion7()),
            new GrantScreenShare(student, lesson.Id, student.Id, true), new RemoveFromSession(student, lesson.Id, lesson.Students[1].Id), new StopRecording(student, lesson.Id, Guid.CreateVersion7()),
        })
        {
            (await chat.Worker.Refused(command)).Code.ShouldBe("session.not_tutor", command.GetType().Name);
        }
    }

    [Fact]
    public async Task Twenty_students_who_come_at_once_are_all_there()
    {
        var lesson = await chat.OpenLesson(students: 20);
        await Task.WhenAll(lesson.Everybody.Select(lesson.Join));

        var view = (await lesson.View())!;
        view.Participants.ShouldAllBe(p => p.Present);
        view.Status.ShouldBe(SessionStatus.Running);
        chat.Worker.Events<SessionStarted>().Count(e => e.SessionId == lesson.Id).ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_joins_before_the_room_is_open_or_after_the_end()
    {
        var lesson = await chat.Lesson();
        (await chat.Worker.Refused(new JoinSession(lesson.Student, lesson.Id))).Code.ShouldBe("session.not_open");
        await chat.Worker.Done(new OpenSession(lesson.Tutor, lesson.Id));
        await lesson.Join(lesson.Tutor);
        await lesson.Join(lesson.Student);
        await lesson.End();
        (await chat.Worker.Refused(new JoinSession(lesson.Student, lesson.Id))).Code.ShouldBe("session.over");
    }

    [Fact]
    public async Task A_tutor_cannot_end_a_lesson_early_to_have_the_student_counted_as_missing()
    {
        var lesson = await chat.OpenLesson();
        await lesson.Join(lesson.Tutor);

        (await chat.Worker.Refused(new EndSession(lesson.Tutor, lesson.Id))).Code.ShouldBe("session.not_begun");
    }

    [Fact]
    public async Task A_room_is_not_opened_long_before_its_start()
    {
        var lesson = await chat.Lesson(at: DateTimeOffset.UtcNow.AddMinutes(20));

        (await chat.Worker.Refused(new OpenSession(lesson.Tutor, lesson.Id))).Code.ShouldBe("session.too_early");
    }

    [Fact]
    public async Task A_lesson_is_called_off_before_it_begins_and_not_after()
    {
        var planned = await chat.Lesson();
        await chat.Worker.Done(new CancelSession(planned.Tutor, planned.Id, "I am ill."));
        await chat.Worker.Done(new CancelSession(planned.Tutor, planned.Id, "I am still ill."));
        (await planned.View())!.Status.ShouldBe(SessionStatus.Cancelled);
        (await chat.Worker.Refused(new OpenSession(planned.Tutor, planned.Id))).Code.ShouldBe("session.over");
        await chat.Worker.Event<SessionCancelled>(e => e.SessionId == planned.Id);
        chat.Worker.Events<SessionCancelled>().Count(e => e.SessionId == planned.Id).ShouldBe(1);

        var running = await chat.RunningLesson();
        (await chat.Worker.Refused(new CancelSession(running.Tutor, running.Id, "Too late."))).Code.ShouldBe("session.begun");
    }

    [Theory]
    [InlineData("session.title", "", 60, 0, 1)]
    [InlineData("session.title", "201", 60, 0, 1)]
    [InlineData("session.minutes", "Algebra", 4, 0, 1)]
    [InlineData("session.minutes", "Algebra", 481, 0, 1)]
    [InlineData("session.starts_at", "Algebra", 60, -2, 1)]
    [InlineData("session.starts_at", "Algebra", 60, 600_000, 1)]
    [InlineData("session.students", "Algebra", 60, 0, 0)]
    [InlineData("session.students", "Algebra", 60, 0, 51)]
    public async Task A_lesson_that_cannot_be_is_refused_with_its_reason(string code, string title, int minutes, int inMinutes, int students)
    {
        var tutor = await chat.Person("courses.author");
        var people = Enumerable.Range(0, students).Select(_ => Guid.CreateVersion7()).ToArray();
        var refused = await chat.Worker.Refused(new ScheduleSession(tutor, Guid.CreateVersion7(), title == "201" ? new string('a', 201) : title, null, DateTimeOffset.UtcNow.AddMinutes(inMinutes), minutes, people));

        refused.Code.ShouldBe(code);
        refused.Details.ShouldNotBeNull().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Only_tutors_plan_lessons_and_only_with_people_that_exist()
    {
        var (tutor, student) = (await chat.Person("courses.author"), await chat.Person());
        (await chat.Worker.Refused(Plan(student, tutor.Id))).Code.ShouldBe("session.not_permitted");
        (await chat.Worker.Refused(Plan(tutor, Guid.CreateVersion7()))).Code.ShouldBe("person.not_found");
        (await chat.Worker.Refused(Plan(tutor, tutor.Id))).Code.ShouldBe("session.students");

        static ScheduleSession Plan(Actor by, Guid student) => new(by, Guid.CreateVersion7(), "Algebra", null, DateTimeOffset.UtcNow, 60, [student]);
    }

    [Fact]
    public async Task A_hand_is_raised_by_who_is_there_and_falls_on_leaving()
    {
        var lesson = await chat.OpenLesson();
        (await chat.Worker.Refused(new RaiseHand(lesson.Student, lesson.Id, true))).Code.ShouldBe("session.not_present");
        await lesson.Join(lesson.Student);
        await chat.Worker.Done(new RaiseHand(lesson.Student, lesson.Id, true));
        (await lesson.Of(lesson.Student)).HandRaised.ShouldBeTrue();
        await lesson.Leave(lesson.Student);
        (await lesson.Of(lesson.Student)).HandRaised.ShouldBeFalse();
    }

    [Fact]
    public async Task Lessons_to_come_are_listed_page_by_page_the_next_first()
    {
        var (tutor, student) = (await chat.Person("courses.author"), await chat.Person());
        var ids = new List<Guid>();
        foreach (var hours in new[] { 5, 1, 3, 2, 4 })
        {
            ids.Add((await chat.Worker.Done(new ScheduleSession(tutor, Guid.CreateVersion7(), $"In {hours} hours", null, DateTimeOffset.UtcNow.AddHours(hours), 60, [student.Id]))).Id);
        }

        await WorkerUnderTest.Until(async () => (await Page(student, "limit=10")).Items.Count == 5, "all are listed");
        var first = await Page(student, "limit=2");
        var second = await Page(student, $"limit=2&cursor={first.Next}");
        var third = await Page(student, $"limit=2&cursor={second.Next}");

        first.Items.Concat(second.Items).Concat(third.Items).Select(s => s.SessionId).ShouldBe([ids[1], ids[3], ids[2], ids[4], ids[0]]);
        third.Next.ShouldBeNull();
        (await Page(student, "past=true")).Items.ShouldBeEmpty();
    }

    async Task<Page<LessonSessionView>> Page(Actor person, string query)
        => (await chat.Worker.Api(person).GetFromJsonAsync(new Uri($"/internal/communication/sessions?{query}", UriKind.Relative), CommunicationJson.Web.PageLessonSessionView))!;
}
