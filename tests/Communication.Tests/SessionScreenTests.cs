using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class SessionScreenTests(CommunicationFixture chat)
{
    [Fact]
    public async Task A_granted_screen_has_a_token_and_a_revoked_one_is_locked_out()
    {
        var lesson = await chat.RunningLesson();
        (await Renew(lesson)).ScreenToken.ShouldBeNull();
        await Grant(lesson, lesson.Student.Id, true);
        var ticket = await Renew(lesson);
        var token = AccessToken2.Read(ticket.ScreenToken!, chat.Agora.Certificate).ShouldNotBeNull();
        ((RtcService)token.Services[0]).Uid.ShouldBe($"{ticket.ScreenUid}");
        ((RtcService)token.Services[0]).Privileges.Keys.ShouldContain(RtcService.PublishVideo);

        await Grant(lesson, lesson.Student.Id, false);
        await WorkerUnderTest.Until(() => chat.Agora.LockedOut(lesson.Id, ticket.ScreenUid!.Value), "the screen is locked out");
        (await chat.Agora.Enter(lesson.Id, ticket.ScreenUid!.Value)).ShouldBeFalse();
        (await Renew(lesson)).ScreenToken.ShouldBeNull();

        await Grant(lesson, lesson.Student.Id, true);
        var again = (await Renew(lesson)).ScreenUid!.Value;
        again.ShouldNotBe(ticket.ScreenUid.Value);
        (await chat.Agora.Enter(lesson.Id, again)).ShouldBeTrue();
    }

    [Fact]
    public async Task One_student_at_a_time_shares_the_screen_and_the_tutor_always_may()
    {
        var lesson = await chat.RunningLesson(students: 2);
        await Grant(lesson, lesson.Student.Id, true);

        var refused = await chat.Worker.Refused(new GrantScreenShare(lesson.Tutor, lesson.Id, lesson.Students[1].Id, true));
        (refused.Code, refused.Details!["accountId"]).ShouldBe(("screen_share.taken", lesson.Student.Id.ToString()));
        (await lesson.Join(lesson.Tutor)).ScreenToken.ShouldNotBeNull();
        (await chat.Worker.Refused(new GrantScreenShare(lesson.Tutor, lesson.Id, Guid.CreateVersion7(), true))).Code.ShouldBe("screen_share.not_a_student");
    }

    [Fact]
    public async Task A_removed_student_is_sent_out_and_does_not_come_back()
    {
        var lesson = await chat.RunningLesson(students: 2);
        var ticket = await lesson.Join(lesson.Student);
        (await chat.Agora.Enter(lesson.Id, ticket.Uid)).ShouldBeTrue();
        await chat.Agora.Fail("500", "kicking-rule");
        await chat.Worker.Done(new RemoveFromSession(lesson.Tutor, lesson.Id, lesson.Student.Id));

        (await chat.Worker.Refused(new JoinSession(lesson.Student, lesson.Id))).Code.ShouldBe("session.removed");
        (await lesson.Of(lesson.Student)).Present.ShouldBeFalse();
        await WorkerUnderTest.Until(() => chat.Agora.LockedOut(lesson.Id, ticket.Uid), "the student is locked out");
        using var renewal = await chat.Worker.Api(lesson.Student).PostAsync(new Uri($"/internal/communication/sessions/{lesson.Id}/ticket", UriKind.Relative), null);
        renewal.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_ticket_is_renewed_for_who_is_there_and_never_outlives_the_lesson()
    {
        var lesson = await chat.RunningLesson();
        var ticket = await Renew(lesson);

        ticket.ExpiresAt.ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(9), DateTimeOffset.UtcNow.AddMinutes(10));
        AccessToken2.Read(ticket.RtcToken, chat.Agora.Certificate).ShouldNotBeNull().Life.ShouldBe(600u);
        ((RtmService)AccessToken2.Read(ticket.RtmToken, chat.Agora.Certificate)!.Services[0]).User.ShouldBe(lesson.Student.Id.ToString());

        var session = new Session(lesson.Id, "Late", null, DateTimeOffset.UtcNow.AddHours(-1), 30, [new Participant(lesson.Tutor.Id, 1)]) { NoShowAt = default, LastEnd = DateTimeOffset.UtcNow };
        Tickets.LastMoment(session, DateTimeOffset.UtcNow.AddMinutes(10)).ShouldBe(session.LastEnd.AddMinutes(5));

        await lesson.Leave(lesson.Student);
        using var gone = await chat.Worker.Api(lesson.Student).PostAsync(new Uri($"/internal/communication/sessions/{lesson.Id}/ticket", UriKind.Relative), null);
        gone.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    Task Grant(Lesson lesson, Guid student, bool granted) => chat.Worker.Done(new GrantScreenShare(lesson.Tutor, lesson.Id, student, granted));

    async Task<SessionTicket> Renew(Lesson lesson)
    {
        using var answer = await chat.Worker.Api(lesson.Student).PostAsync(new Uri($"/internal/communication/sessions/{lesson.Id}/ticket", UriKind.Relative), null);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(CommunicationJson.Web.SessionTicket))!;
    }
}
