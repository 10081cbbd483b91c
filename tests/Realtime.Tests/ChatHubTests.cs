using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Confluent.Kafka;
using EdTech.Contracts.Communication;
using EdTech.Gateway;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Realtime.Tests;

public sealed class ChatHubTests(RealtimeFixture fixture)
{
    [Fact]
    public async Task What_was_acknowledged_is_in_Kafka_under_the_clients_own_id()
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var socket = await fixture.Connect(anna);
        var message = Guid.CreateVersion7();

        var accepted = await socket.Invoke("Send", new { conversationId = conversation, messageId = message, text = "Halves first", mentions = new[] { anna.AccountId } });
        await socket.Invoke("Send", new { conversationId = conversation, messageId = message, text = "Halves first" }); // a resend is taken too: the worker knows the id
        await socket.Invoke("React", new { conversationId = conversation, recordId = Guid.CreateVersion7(), messageId = message, emoji = "👍" });

        accepted.GetProperty("messageId").GetGuid().ShouldBe(message);
        var records = Records("chat.messages", conversation, 3);
        records.Select(r => r.GetProperty("AuthorId").GetGuid()).ShouldAllBe(a => a == anna.AccountId);
        records[0].GetProperty("RecordId").GetGuid().ShouldBe(message);
        records[0].GetProperty("Text").GetString().ShouldBe("Halves first");
        records[1].GetProperty("RecordId").GetGuid().ShouldBe(message);
        records[2].GetProperty("Emoji").GetString().ShouldBe("👍");
    }

    [Fact]
    public async Task Reading_goes_to_the_receipts()
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var socket = await fixture.Connect(anna);

        await socket.Invoke("Read", conversation, StandInWorkers.LastSequence);
        (await Verdict(socket, "Read", [conversation, StandInWorkers.LastSequence + 1])).ShouldBe("receipt.ahead");

        Records("chat.receipts", conversation, 1).Single().GetProperty("Sequence").GetInt64().ShouldBe(StandInWorkers.LastSequence);
    }

    [Fact]
    public async Task What_is_done_to_a_message_right_behind_it_is_taken_before_it_is_stored()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(anna, ben);
        await using var annas = await fixture.Connect(anna);
        await using var bens = await fixture.Connect(ben);
        var message = Guid.CreateVersion7(); // the worker never gets to know it
        (await Verdict(annas, "Send", new { conversationId = conversation, messageId = message, text = "Halves frist" })).ShouldBe("yes");

        (await Verdict(annas, "Edit", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message, text = "Halves first" })).ShouldBe("yes");
        (await Verdict(bens, "React", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message, emoji = "👍" })).ShouldBe("yes");
        (await Verdict(bens, "Send", new { conversationId = conversation, messageId = Guid.NewGuid(), text = "Yes.", replyTo = message })).ShouldBe("yes");
        (await Verdict(bens, "Edit", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message, text = "Thirds first" })).ShouldBe("message.not_yours");
        (await Verdict(annas, "Delete", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message })).ShouldBe("yes");
        (await Verdict(bens, "React", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message, emoji = "👍" })).ShouldBe("message.not_found");
    }

    [Fact]
    public async Task What_is_done_to_no_message_of_the_conversation_is_refused()
    {
        var anna = fixture.NewPerson();
        var (here, elsewhere) = (fixture.Workers.Conversation(anna), fixture.Workers.Conversation(anna));
        var (message, deleted) = (Guid.CreateVersion7(), fixture.Workers.Message(anna, deleted: true));
        await using var socket = await fixture.Connect(anna);
        (await Verdict(socket, "Send", new { conversationId = elsewhere, messageId = message, text = "There" })).ShouldBe("yes");

        foreach (var (id, code) in new[] { (Guid.CreateVersion7(), "message.not_found"), (message, "message.not_found"), (deleted, "message.deleted") })
        {
            (await Verdict(socket, "React", new { conversationId = here, recordId = Guid.NewGuid(), messageId = id, emoji = "👍" })).ShouldBe(code);
            (await Verdict(socket, "Send", new { conversationId = here, messageId = Guid.NewGuid(), text = "Yes.", replyTo = id })).ShouldBe(code);
            (await Verdict(socket, "Edit", new { conversationId = here, recordId = Guid.NewGuid(), messageId = id, text = "No." })).ShouldBe(code);
        }
    }

    [Fact]
    public async Task Who_hears_a_message_can_answer_it_without_the_worker()
    {
        var anna = fixture.NewPerson();
        var (conversation, message) = (fixture.Workers.Conversation(anna), Guid.CreateVersion7());
        await using var socket = await fixture.Connect(anna);
        var entry = new ChatEntry(1, 1, EntryKind.Posted, message, Guid.NewGuid(), DateTimeOffset.UtcNow, message, "Halves first");
        await fixture.Service<FanOut>(fixture.Second).Publish(RealtimeChannels.Conversation(conversation), new RealtimeFrame(FrameTypes.Entries, conversation, Entries: [entry]));
        await socket.Frame(FrameTypes.Entries);

        (await Verdict(socket, "React", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message, emoji = "👍" })).ShouldBe("yes");
        (await Verdict(socket, "Edit", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = message, text = "Mine now" })).ShouldBe("message.not_yours");
    }

    [Fact]
    public async Task Who_may_do_what_in_whose_conversation()
    {
        var (member, stranger, silenced) = (fixture.NewPerson(), fixture.NewPerson(), fixture.NewPerson());
        var conversation = fixture.Workers.Conversation(member);
        var blocked = fixture.Workers.Conversation(silenced);
        fixture.Workers.Block(blocked);
        var own = fixture.Workers.Message(member);
        var foreign = fixture.Workers.Message(stranger);
        await using var inside = await fixture.Connect(member);
        await using var outside = await fixture.Connect(stranger);
        await using var muted = await fixture.Connect(silenced);

        (string Method, Func<Guid, Guid, object?[]> Arguments)[] calls =
        [
            ("Send", (c, _) => [new { conversationId = c, messageId = Guid.NewGuid(), text = "x" }]),
            ("Edit", (c, m) => [new { conversationId = c, recordId = Guid.NewGuid(), messageId = m, text = "y" }]),
            ("React", (c, m) => [new { conversationId = c, recordId = Guid.NewGuid(), messageId = m, emoji = "❤️" }]),
            ("Typing", (c, _) => [c]),
            ("WatchPresence", (c, _) => [c]),
            ("Read", (c, _) => [c, 1]),
            ("Resume", (c, _) => [c, 0]),
            ("Delete", (c, m) => [new { conversationId = c, recordId = Guid.NewGuid(), messageId = m }]),
        ];
        foreach (var (method, arguments) in calls)
        {
            (await Verdict(inside, method, arguments(conversation, own))).ShouldBe("yes", method);
            (await Verdict(outside, method, arguments(conversation, own))).ShouldBe("conversation.not_a_member", method);
        }

        foreach (var method in new[] { "Edit", "Delete" })
            (await Verdict(inside, method, calls.Single(c => c.Method == method).Arguments(conversation, foreign))).ShouldBe("message.not_yours", method);
        foreach (var method in new[] { "Send", "React", "WatchPresence" })
            (await Verdict(muted, method, calls.Single(c => c.Method == method).Arguments(blocked, own))).ShouldBe("conversation.blocked", method);
    }

    [Fact]
    public async Task What_is_no_message_is_refused_and_the_refusal_says_why()
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var socket = await fixture.Connect(anna);

        Task<string> Send(object message) => Verdict(socket, "Send", message);
        (await Send(new { conversationId = conversation, messageId = Guid.NewGuid(), text = "  " })).ShouldBe("request.invalid");
        (await Send(new { conversationId = conversation, messageId = Guid.Empty, text = "x" })).ShouldBe("request.invalid");
        (await Send(new { conversationId = conversation, messageId = Guid.NewGuid(), text = new string('a', 4_001) })).ShouldBe("message.too_long");
        (await Send(new { conversationId = conversation, messageId = Guid.NewGuid(), text = string.Concat(Enumerable.Repeat("😀", 2_400)) })).ShouldBe("yes");
        (await Send(new { conversationId = conversation, messageId = Guid.NewGuid(), text = "x", mentions = Enumerable.Range(0, 21).Select(_ => Guid.NewGuid()) })).ShouldBe("request.invalid");
        foreach (var emoji in new[] { "", "a", "👍👍", "<b>", "1" })
            (await Verdict(socket, "React", new { conversationId = conversation, recordId = Guid.NewGuid(), messageId = Guid.NewGuid(), emoji })).ShouldBe("request.invalid", emoji);
        (await Verdict(socket, "Read", conversation, 0)).ShouldBe("request.invalid");
        (await Verdict(socket, "Resume", conversation, -1)).ShouldBe("request.invalid");
    }

    [Theory]
    [InlineData("""{"type":1,"invocationId":"x","target":"Send","arguments":["not an object"]}""", false)]
    [InlineData("""{"type":1,"invocationId":"x","target":"Send","arguments":[]}""", false)]
    [InlineData("""{"type":1,"invocationId":"x","target":"Send","arguments":[null]}""", false)]
    [InlineData("""{"type":1,"invocationId":"x","target":"OnConnectedAsync","arguments":[]}""", false)]
    [InlineData("""{"type":1,"invocationId":"x","target":"Dispose","arguments":[]}""", false)]
    [InlineData("""{"type":4,"invocationId":"x","target":"Send","arguments":[]}""", false)]
    [InlineData("this is not JSON", true)]
    [InlineData("[[[[[[[[[[", true)]
    public async Task Hostile_frames_cost_their_sender_at_most_the_connection(string frame, bool ends)
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var socket = await fixture.Connect(anna);
        await using var other = await fixture.Connect(anna);

        await socket.Say(frame);

        if (ends) await WorkerUnderTest.Until(() => socket.IsClosed, "the gateway ends the connection");
        else (await socket.Invoke("Resume", conversation, 0)).GetProperty("lastSequence").GetInt64().ShouldBe(1);
        (await other.Invoke("Resume", conversation, 0)).GetProperty("lastSequence").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_frame_over_the_limit_ends_the_connection()
    {
        await using var socket = await fixture.Connect(fixture.NewPerson());

        await socket.Say($$"""{"type":1,"target":"Send","arguments":["{{new string('a', 33 * 1024)}}"]}""");

        await WorkerUnderTest.Until(() => socket.IsClosed, "the gateway ends the connection");
    }

    [Fact]
    public async Task Errors_show_nothing_of_the_inside()
    {
        await using var socket = await fixture.Connect(fixture.NewPerson());

        var refusal = await Should.ThrowAsync<ChatRefusal>(socket.Invoke("Send", 7));

        refusal.Message.ShouldNotContain("Exception");
        refusal.Message.ShouldNotContain("EdTech.");
    }

    [Fact]
    public async Task Too_many_calls_are_refused_and_a_flood_is_cut_off()
    {
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using var socket = await fixture.Connect(anna);

        var verdicts = new List<string>();
        for (var i = 0; i < 100; i++) verdicts.Add(await Verdict(socket, "Typing", conversation));
        verdicts.ShouldContain("rate_limited");
        verdicts[..40].ShouldAllBe(v => v == "yes");

        for (var i = 0; i < 2_000 && !socket.IsClosed; i++)
        {
            try
            {
                await socket.Say($$"""{"type":1,"target":"Typing","arguments":["{{conversation}}"]}""");
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                break;
            }
        }

        await WorkerUnderTest.Until(() => socket.IsClosed, "the flood is cut off");
    }

    [Fact]
    public async Task The_twenty_first_connection_of_a_person_to_all_gateways_is_refused_and_the_others_stay()
    {
        var anna = fixture.NewPerson();
        var sockets = new List<ChatSocket>();
        for (var i = 0; i < ConnectionLimit.MaxPerPerson; i++) sockets.Add(await fixture.Connect(anna, i % 2 == 0 ? fixture.First : fixture.Second));

        foreach (var gateway in new[] { fixture.First, fixture.Second })
        {
            await using var last = await fixture.Connect(anna, gateway);
            (await last.Ended()).ShouldBe("connection.too_many");
        }

        sockets.ShouldAllBe(s => !s.IsClosed);
        await sockets[0].DisposeAsync();
        var redis = fixture.Service<RedisConnection>();
        var lines = $"{redis.Prefix}rt:connections:{anna.AccountId}";
        await WorkerUnderTest.Until(async () => await redis.Database!.SortedSetLengthAsync(lines) == ConnectionLimit.MaxPerPerson - 1, "the connection that ended counts no more");
        await using var another = await fixture.Connect(anna, fixture.Second);
        await another.Invoke("Typing", Guid.NewGuid()).ShouldThrowAsync<ChatRefusal>();
        another.IsClosed.ShouldBeFalse();
        foreach (var socket in sockets) await socket.DisposeAsync();
    }

    [Fact]
    public async Task Connections_of_a_gateway_that_died_stop_counting()
    {
        var (anna, ben) = (fixture.NewPerson(), fixture.NewPerson());
        var redis = fixture.Service<RedisConnection>();
        var now = DateTimeOffset.UtcNow;
        foreach (var (person, until) in new[] { (anna, now.AddSeconds(-1)), (ben, now.AddMinutes(1)) })
            for (var i = 0; i < ConnectionLimit.MaxPerPerson; i++)
                await redis.Database!.SortedSetAddAsync($"{redis.Prefix}rt:connections:{person.AccountId}", $"died{i}", until.ToUnixTimeMilliseconds());

        await using var annas = await fixture.Connect(anna);
        await using var bens = await fixture.Connect(ben);

        (await bens.Ended()).ShouldBe("connection.too_many");
        annas.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task Open_connections_frames_and_resumes_are_counted()
    {
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Name.StartsWith("edtech.sockets.", StringComparison.Ordinal)) meters.EnableMeasurementEvents(instrument);
        };
        // Other tests of the assembly are counted too: more, not less.
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => counted.AddOrUpdate(value < 0 ? $"{instrument.Name}, less" : instrument.Name, Math.Abs(value), (_, sum) => sum + Math.Abs(value)));
        listener.Start();
        var anna = fixture.NewPerson();
        var conversation = fixture.Workers.Conversation(anna);
        await using (var socket = await fixture.Connect(anna))
        {
            await socket.Invoke("Resume", conversation, 0);
            await fixture.Service<FanOut>().Publish(RealtimeChannels.Conversation(conversation), new RealtimeFrame(FrameTypes.Typing, conversation, anna.AccountId));
            await socket.Frame(FrameTypes.Typing);
        }

        foreach (var name in new[] { "edtech.sockets.open", "edtech.sockets.open, less", "edtech.sockets.resumes", "edtech.sockets.frames.sent" })
            await WorkerUnderTest.Until(() => counted.GetValueOrDefault(name) > 0, $"{name} is counted");
    }

    static async Task<string> Verdict(ChatSocket socket, string method, params object?[] arguments)
    {
        try
        {
            await socket.Invoke(method, arguments);
            return "yes";
        }
        catch (ChatRefusal refusal)
        {
            return refusal.Code;
        }
    }

    /// <summary>The first records of a conversation, read from Kafka.</summary>
    List<JsonElement> Records(string topic, Guid conversation, int count)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA"), GroupId = Guid.NewGuid().ToString(), EnableAutoCommit = false }).Build();
        consumer.Assign(Enumerable.Range(0, 12).Select(p => new TopicPartitionOffset($"{fixture.Infrastructure.Prefix}.{topic}", p, Offset.Beginning)));
        var records = new List<JsonElement>();
        while (records.Count < count)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"{count} records were expected in {topic}, {records.Count} came.");
            if (record.Message.Key == conversation.ToString()) records.Add(JsonDocument.Parse(record.Message.Value).RootElement);
        }

        return records;
    }
}
