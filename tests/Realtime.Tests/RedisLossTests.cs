using EdTech.Contracts.Communication;
using EdTech.Gateway;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Realtime.Tests;

/// <summary>Redis is killed under connections: they stand, people can still write and catch up, and are told to when it is back.</summary>
public sealed class RedisLossTests(RealtimeFixture fixture)
{
    [Fact]
    public async Task Without_Redis_people_still_connect_and_write_and_with_it_frames_come_again()
    {
        await using var servers = await FaultyStack.Up("redis");
        var gateway = await fixture.StartGateway(("EDTECH_REDIS", servers.Settings["EDTECH_REDIS"]));
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var before = await fixture.Connect(anna, gateway);

        await servers.Kill("redis");
        await before.Frame("degraded");
        await using var during = await fixture.Connect(anna, gateway);
        await during.Frame("degraded");
        foreach (var socket in new[] { before, during })
        {
            await socket.Invoke("Send", new { conversationId = conversation, messageId = Guid.NewGuid(), text = "Without Redis" });
            (await socket.Invoke("Resume", conversation, 3)).GetProperty("lastSequence").GetInt64().ShouldBe(4);
        }

        (await before.Invoke("WatchPresence", conversation)).GetArrayLength().ShouldBe(0);
        var other = fixture.NewPerson();
        fixture.Workers.Add(conversation, other);
        (await before.Invoke("WatchPresence", conversation))[0].GetProperty("status").GetString().ShouldBe("unknown");

        await servers.Recover();
        foreach (var socket in new[] { before, during }) await socket.Frame("resume");
        await fixture.Service<FanOut>(gateway).Publish(RealtimeChannels.Conversation(conversation), new RealtimeFrame(FrameTypes.Entries, conversation,
            Entries: [new ChatEntry(5, 5, EntryKind.Posted, Guid.NewGuid(), Guid.NewGuid(), DateTimeOffset.UtcNow, Guid.NewGuid(), "Back")]));
        foreach (var socket in new[] { before, during })
        {
            await socket.Frame("entries");
            socket.Has("entries").ShouldBeFalse();
        }
    }
}
