using System.Globalization;
using System.Net;
using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class SessionPresenceTests(CommunicationFixture chat)
{
    [Fact]
    public async Task Agora_tells_that_a_connection_was_lost_and_came_back()
    {
        var lesson = await chat.RunningLesson();
        var ticket = await lesson.Join(lesson.Student);
        await chat.Agora.Enter(lesson.Id, ticket.Uid);
        await chat.Agora.Exit(lesson.Id, ticket.Uid);
        await lesson.Until(v => !v.Participants[1].Present, "the student is gone");
        await chat.Agora.Enter(lesson.Id, ticket.Uid);
        await lesson.Until(v => v.Participants[1].Present, "the student is back");
    }

    [Fact]
    public async Task Notices_in_reverse_and_twice_say_the_same()
    {
        var lesson = await chat.RunningLesson();
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string[] notices = [Notice(lesson.Id, 103, 2, 1, at + 1), Notice(lesson.Id, 104, 2, 2, at + 31), Notice(lesson.Id, 103, 2, 3, at + 41), Notice(lesson.Id, 104, 2, 4, at + 101)];
        foreach (var notice in notices.Reverse().Concat(notices))
        {
            (await AgoraUnderTest.Notify(chat.Worker, notice)).ShouldBe(HttpStatusCode.OK);
        }

        await lesson.Until(v => v.Participants[1] is { Present: false, Seconds: >= 90 and <= 94 }, "all has been understood"); // Agora's times are whole seconds
    }

    [Fact]
    public async Task What_is_not_signed_by_Agora_is_not_believed()
    {
        var lesson = await chat.RunningLesson();
        var notice = Notice(lesson.Id, 104, 2, 2, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

        (await AgoraUnderTest.Notify(chat.Worker, notice, secret: "another")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await AgoraUnderTest.Notify(chat.Worker, notice, secret: "another", strong: false)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await lesson.Of(lesson.Student)).Present.ShouldBeTrue();
        (await AgoraUnderTest.Notify(chat.Worker, notice, strong: false)).ShouldBe(HttpStatusCode.OK);
        await lesson.Until(v => !v.Participants[1].Present, "the older signature counts where it is alone");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"noticeId":"1","productId":1,"eventType":103,"payload":{}}""")]
    [InlineData("""{"noticeId":"2","productId":"x","eventType":103,"payload":{"channelName":5}}""")]
    [InlineData("""{"noticeId":"3","productId":3,"eventType":31,"payload":{"cname":"test_webhook","uid":"1","sid":"s","details":[]}}""")]
    [InlineData("""{"noticeId":"4","productId":1,"eventType":103,"payload":{"channelName":"0198c3a0-0000-7000-8000-000000000000","uid":1,"clientSeq":1,"ts":99999999999999}}""")]
    public async Task A_signed_notice_of_an_unknown_shape_is_taken_and_forgotten(string body)
        => (await AgoraUnderTest.Notify(chat.Worker, body)).ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task A_notice_that_comes_after_the_end_changes_no_attendance()
    {
        var lesson = await chat.RunningLesson();
        await lesson.End();
        var before = await lesson.View();
        (await AgoraUnderTest.Notify(chat.Worker, Notice(lesson.Id, 104, 2, 9, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1))).ShouldBe(HttpStatusCode.OK);
        await WorkerUnderTest.Until(async () => (await AgoraUnderTest.Notify(chat.Worker, Notice(lesson.Id, 104, 2, 9, DateTimeOffset.UtcNow.ToUnixTimeSeconds()))) == HttpStatusCode.OK, "another one is taken");
        (await lesson.View())!.Version.ShouldBe(before!.Version);
    }

    static string Notice(Guid lesson, int type, uint uid, long order, long at) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"noticeId":"{{{lesson:N}}}{{{order}}}{{{at}}}","productId":1,"eventType":{{{type}}},"notifyMs":1,"payload":{"channelName":"{{{lesson}}}","uid":{{{uid}}},"clientSeq":{{{order}}},"ts":{{{at}}}}}""");
}
