using System.Text.Json;
using EdTech.Contracts.Communication;
using EdTech.Gateway;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Realtime.Tests;

public sealed class PresenceTests(RealtimeFixture fixture)
{
    [Fact]
    public async Task A_person_is_there_from_the_first_connection_to_the_last_whichever_gateway_has_them()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna, ben);
        await using var watcher = await fixture.Connect(anna);
        Status(await watcher.Invoke("WatchPresence", conversation), ben).ShouldBe("offline");

        var here = await fixture.Connect(ben);
        Told(await watcher.Frame("presence")).ShouldBe((ben.AccountId, "online"));
        var there = await fixture.Connect(ben, fixture.Second);
        await here.DisposeAsync();
        await WorkerUnderTest.Until(() => !fixture.Service<HubSockets>().IsHere(ben.AccountId), "the first connection is gone");
        Status(await watcher.Invoke("WatchPresence", conversation), ben).ShouldBe("online");

        await there.DisposeAsync();
        Told(await watcher.Frame("presence")).ShouldBe((ben.AccountId, "offline"));
        Status(await watcher.Invoke("WatchPresence", conversation), ben).ShouldBe("offline");
    }

    [Fact]
    public async Task A_page_that_is_loaded_anew_was_never_away()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna, ben);
        await using var watcher = await fixture.Connect(anna);
        await watcher.Invoke("WatchPresence", conversation);
        var before = await fixture.Connect(ben);
        Told(await watcher.Frame("presence")).ShouldBe((ben.AccountId, "online"));

        await before.DisposeAsync();
        await using var after = await fixture.Connect(ben);
        await after.Invoke("Typing", conversation);
        await watcher.Frame("typing");

        Status(await watcher.Invoke("WatchPresence", conversation), ben).ShouldBe("online");
        watcher.Has("presence").ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_has_left_a_conversation_sees_nobody_of_it_any_more()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna, ben);
        await using var watcher = await fixture.Connect(anna);
        await watcher.Invoke("WatchPresence", conversation);

        fixture.Workers.Remove(conversation, anna);
        await fixture.Service<IMessageSession>().Publish(new MemberLeft(conversation, anna.AccountId, DateTimeOffset.UtcNow));
        await watcher.Frame("left");
        await using var other = await fixture.Connect(ben);
        await fixture.Service<FanOut>().Publish(RealtimeChannels.Account(anna.AccountId), new RealtimeFrame(FrameTypes.Session, SessionId: Guid.NewGuid()));
        await watcher.Frame("session");

        watcher.Has("presence").ShouldBeFalse();
    }

    static string Status(JsonElement views, Somebody person)
        => views.EnumerateArray().Single(v => v.GetProperty("accountId").GetGuid() == person.AccountId).GetProperty("status").GetString()!;

    static (Guid Account, string Status) Told(JsonElement frame)
        => (frame.GetProperty("arguments")[0].GetProperty("accountId").GetGuid(), frame.GetProperty("arguments")[0].GetProperty("detail").GetString()!);
}
