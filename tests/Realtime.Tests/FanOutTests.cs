using System.Diagnostics.Metrics;
using System.Text.Json;
using EdTech.Contracts.Communication;
using EdTech.Gateway;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Realtime.Tests;

public sealed class FanOutTests(RealtimeFixture fixture)
{
    [Fact]
    public async Task Entries_reach_every_member_on_every_gateway_once_and_nobody_else()
    {
        var (anna, ben, eve) = (fixture.NewPerson(), fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna, ben);
        var others = fixture.Workers.Conversation(eve);
        await using var here = await fixture.Connect(anna);
        await using var alsoHere = await fixture.Connect(anna);
        await using var there = await fixture.Connect(ben, fixture.Second);
        await using var stranger = await fixture.Connect(eve);

        for (var i = 1; i <= 20; i++) await Publish(conversation, i);
        await Publish(others, 1);

        foreach (var socket in new[] { here, alsoHere, there })
        {
            for (var i = 1; i <= 20; i++) Sequence(await socket.Frame("entries")).ShouldBe(i);
            socket.Has("entries").ShouldBeFalse();
        }

        Conversation(await stranger.Frame("entries")).ShouldBe(others);
        stranger.Has("entries").ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_joins_hears_from_then_on_and_whoever_leaves_hears_nothing_more()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna);
        await using var stays = await fixture.Connect(anna, fixture.Second);
        await using var guest = await fixture.Connect(ben, fixture.Second);

        fixture.Workers.Add(conversation, ben);
        await fixture.Service<IMessageSession>().Publish(new MemberJoined(conversation, ben.AccountId, DateTimeOffset.UtcNow));
        Conversation(await guest.Frame("joined")).ShouldBe(conversation);
        await Publish(conversation, 1);
        Sequence(await guest.Frame("entries")).ShouldBe(1);

        fixture.Workers.Remove(conversation, ben);
        await fixture.Service<IMessageSession>().Publish(new MemberLeft(conversation, ben.AccountId, DateTimeOffset.UtcNow));
        Conversation(await guest.Frame("left")).ShouldBe(conversation);
        await Publish(conversation, 2);
        await stays.Frame("entries", f => Sequence(f) == 2);
        await fixture.Service<FanOut>().Publish(RealtimeChannels.Account(ben.AccountId), new RealtimeFrame(FrameTypes.Session, SessionId: Guid.NewGuid()));
        await guest.Frame("session");

        guest.Has("entries").ShouldBeFalse();
        (await Should.ThrowAsync<ChatRefusal>(guest.Invoke("Resume", conversation, 0))).Code.ShouldBe("conversation.not_a_member");
        (await Should.ThrowAsync<ChatRefusal>(guest.Invoke("Send", new { conversationId = conversation, messageId = Guid.NewGuid(), text = "Still here" }))).Code.ShouldBe("conversation.not_a_member");
    }

    [Fact]
    public async Task A_frame_that_is_none_is_dropped_and_the_next_one_comes()
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var socket = await fixture.Connect(anna);
        var redis = fixture.Service<RedisConnection>();

        foreach (var junk in new[] { "", "null", "{", """{"type":"closing"}""", """{"type":"nonsense"}""", "[1]" })
            await redis.Database!.PublishAsync(StackExchange.Redis.RedisChannel.Literal(redis.Prefix + RealtimeChannels.Conversation(conversation)), junk);
        await Publish(conversation, 7);

        Sequence(await socket.Frame("entries")).ShouldBe(7);
        socket.Has("closing").ShouldBeFalse();
        socket.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task Conversations_that_could_not_be_had_are_joined_later()
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        fixture.Workers.Away[anna.AccountId] = 0;
        await using var socket = await fixture.Connect(anna);
        await socket.Frame("degraded");

        fixture.Workers.Away.TryRemove(anna.AccountId, out _);
        await socket.Frame("resume");
        await Publish(conversation, 1);

        Sequence(await socket.Frame("entries")).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_disconnected_and_holds_up_nobody()
    {
        var (reader, sleeper) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(reader, sleeper);
        await using var good = await fixture.Connect(reader);
        await using var bad = await ChatSocket.Connect(fixture.First, fixture.Token(sleeper), reads: false);
        var sockets = fixture.Service<HubSockets>();
        await WorkerUnderTest.Until(() => sockets.Of(sleeper.AccountId) is [{ Joined: true }], "the sleeper is connected");

        long dropped = 0;
        using var listener = new MeterListener { InstrumentPublished = (instrument, meters) => { if (instrument.Name == "edtech.sockets.frames.dropped") meters.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref dropped, value));
        listener.Start();
        var text = new string('x', 64 * 1024);
        var sent = 0;
        while (sockets.IsHere(sleeper.AccountId) && sent < 1500)
        {
            await Publish(conversation, ++sent, text);
            await good.Frame("entries", f => Sequence(f) == sent);
        }

        await WorkerUnderTest.Until(() => !sockets.IsHere(sleeper.AccountId), "the sleeper is disconnected");
        sockets.IsHere(reader.AccountId).ShouldBeTrue();
        Interlocked.Read(ref dropped).ShouldBeGreaterThan(HubSocket.QueueLength, "all that waited for it");
    }

    [Fact]
    public async Task Typing_is_passed_on_once_in_two_seconds_and_never_from_who_may_not_write()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna, ben);
        var silenced = fixture.Workers.Conversation(anna, ben);
        fixture.Workers.Block(silenced);
        await using var types = await fixture.Connect(anna);
        await using var sees = await fixture.Connect(ben, fixture.Second);

        await types.Invoke("Typing", silenced);
        for (var i = 0; i < 5; i++) await types.Invoke("Typing", conversation);
        await Publish(conversation, 1);

        await sees.Frame("entries");
        (await sees.Frame("typing")).GetProperty("arguments")[0].GetProperty("accountId").GetGuid().ShouldBe(anna.AccountId);
        sees.Has("typing").ShouldBeFalse();
    }

    Task Publish(Guid conversation, long sequence, string text = "said")
        => fixture.Service<FanOut>().Publish(RealtimeChannels.Conversation(conversation), new RealtimeFrame(FrameTypes.Entries, conversation,
            Entries: [new ChatEntry(sequence, sequence, EntryKind.Posted, Guid.NewGuid(), Guid.NewGuid(), DateTimeOffset.UtcNow, Guid.NewGuid(), text)]));

    static long Sequence(JsonElement frame) => (frame.TryGetProperty("arguments", out var arguments) ? arguments[0] : frame).GetProperty("entries")[0].GetProperty("sequence").GetInt64();

    static Guid Conversation(JsonElement frame) => frame.GetProperty("arguments")[0].GetProperty("conversationId").GetGuid();
}
