using System.Collections.Concurrent;
using EdTech.Contracts.Communication;
using EdTech.PlatformTesting;
using Shouldly;

namespace EdTech.Chaos;

/// <summary>
/// People who talk in groups over all gateways, lose their connections, repeat what was not answered and say how far they have read; then every member's copy of a
/// conversation must be the same, with each acknowledged message in it once.
/// </summary>
sealed class Conversations : IAsyncDisposable
{
    const int Groups = 3;
    const int PerGroup = 6;
    const int PerTalkingGroup = 10;
    readonly ConcurrentDictionary<Guid, string> _acknowledged = new();
    readonly int _seed;
    readonly bool _hurry;
    (Guid Id, ChatClient[] Members)[] _groups = [];
    long _heard;

    Conversations(int seed, bool hurry) => (_seed, _hurry) = (seed, hurry);

    /// <summary>Messages that were acknowledged.</summary>
    public long Acknowledged => _acknowledged.Count;

    /// <summary>Entries that came to somebody.</summary>
    public long Heard => Volatile.Read(ref _heard);

    public string Done => $"{_acknowledged.Count} messages";

    /// <summary>What Kafka must tell.</summary>
    public IEnumerable<string> Facts => _groups.Select(g => $"conversation-created {g.Id}");

    /// <summary>Opens the groups, before anything breaks.</summary>
    public static async Task<Conversations> Open(IReadOnlyList<PlatformUnderTest> gateways, int seed, Talk? only)
    {
        var talk = new Conversations(seed, hurry: only is not null);
        var people = new Person[only?.People ?? Groups * PerGroup];
        await Parallel.ForAsync(0, people.Length, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) => people[i] = await Person.Register(gateways[i % gateways.Count]));
        var clients = people.Select(p => new ChatClient(p, () => p.Platform.Url) { Heard = _ => Interlocked.Increment(ref talk._heard) }).ToArray();
        talk._groups = await Task.WhenAll(clients.Chunk(only is null ? PerGroup : PerTalkingGroup).Select(Open));
        return talk;
    }

    static async Task<(Guid Id, ChatClient[] Members)> Open(ChatClient[] members)
    {
        var creator = members[0].Person;
        var opened = await creator.Insist(HttpMethod.Post, "/v1/conversations", new { kind = "group", title = "A class", memberIds = members.Skip(1).Select(m => m.Id) }, "class");
        var id = opened["id"]!.GetValue<Guid>();
        while ((await creator.Insist(HttpMethod.Get, $"/v1/conversations/{id}"))["memberCount"]!.GetValue<int>() != members.Length)
        {
            await Task.Delay(50);
        }

        return (id, members);
    }

    public IEnumerable<Task> Load(CancellationToken stop) => _groups.SelectMany((g, n) => g.Members.Select((client, i) => Talk(client, g.Id, new Random(_seed + (n * PerTalkingGroup) + i), stop)));

    async Task Talk(ChatClient client, Guid conversation, Random random, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource();
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            if (i % 600 == 599)
            {
                await client.Person.Refresh(); // a token lives ten minutes
            }

            var (message, text) = (Guid.CreateVersion7(), $"{conversation} from {client.Id}: {i}");
            patience.CancelAfter(TimeSpan.FromMinutes(6));
            await client.Send(conversation, message, text, patience.Token);
            _acknowledged[message] = text;
            switch (random.Next(20))
            {
                case 0:
                    await client.Send(conversation, message, text, patience.Token); // a client that did not hear the answer
                    break;
                case 1:
                    await client.Drop();
                    break;
                case 2 or 3:
                    await client.Read(conversation, client.Log(conversation).Count, patience.Token);
                    break;
            }

            await Task.WhenAny(Task.Delay(_hurry ? random.Next(40, 120) : random.Next(200, 800), stop)); // people do not type faster, and the hub would not let them
        }
    }

    /// <summary>Each member's copy, completed, is the same log without a gap or a double; receipts heard are of entries that are there; HTTP tells the same.</summary>
    public async Task Agree()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(30));
        foreach (var group in _groups)
        {
            await Agree(group, deadline.Token);
        }

        _groups.SelectMany(g => g.Members).SelectMany(c => c.Violations).ShouldBeEmpty();
        Census.Take("messages", _acknowledged.Keys, _groups.SelectMany(g => g.Members[0].Log(g.Id)).Where(e => e.Kind == EntryKind.Posted).Select(e => e.RecordId));
    }

    async Task Agree((Guid Id, ChatClient[] Members) group, CancellationToken ct)
    {
        foreach (var member in group.Members)
        {
            await member.Person.SignInPatiently();
        }

        var taken = _acknowledged.Where(a => a.Value.StartsWith(group.Id.ToString(), StringComparison.Ordinal)).ToArray();
        // Kafka has it; the workers may still be reading, after a fault from where they last committed, and behind by as much as they are slower than Kafka.
        var expected = taken.Select(t => t.Key).ToHashSet();
        var (come, grown) = (0, DateTime.UtcNow);
        while (!expected.IsSubsetOf(group.Members[0].Log(group.Id).Select(e => e.RecordId)) && DateTime.UtcNow - grown < TimeSpan.FromMinutes(1))
        {
            await Task.Delay(200, ct);
            await group.Members[0].CatchUp(group.Id, ct);
            if (group.Members[0].Log(group.Id).Count is var count && count > come)
            {
                (come, grown) = (count, DateTime.UtcNow);
            }
        }

        var last = (await Task.WhenAll(group.Members.Select(m => m.CatchUp(group.Id, ct)))).Max();
        await Task.WhenAll(group.Members.Select(m => m.CatchUp(group.Id, ct)));
        var log = group.Members[0].Log(group.Id);
        log.Count.ShouldBe((int)last, "a member who caught up has the log to its end");
        log.Where((e, i) => e.Sequence != i + 1).ShouldBeEmpty("the log has no gap");
        log.Select(e => e.RecordId).ShouldBeUnique();
        foreach (var member in group.Members)
        {
            member.Log(group.Id).Select(e => (e.Sequence, e.RecordId, e.Number)).SequenceEqual(log.Select(e => (e.Sequence, e.RecordId, e.Number))).ShouldBeTrue("all members see one order");
            member.Receipts.Where(r => r.ConversationId == group.Id).ShouldAllBe(r => r.Sequence <= last);
            await Counts(member.Person, group.Id, log);
        }

        var posted = log.Where(e => e.Kind == EntryKind.Posted).ToDictionary(e => e.RecordId, e => e.Text);
        foreach (var (message, text) in taken.Where(t => posted.ContainsKey(t.Key)))
        {
            posted[message].ShouldBe(text);
        }

        (await History(group.Members[^1].Person, group.Id)).SequenceEqual(log.Where(e => e.Kind == EntryKind.Posted).Select(e => e.RecordId)).ShouldBeTrue("the pages of the history are the log's messages");
    }

    /// <summary>What is unread is what was posted after the last that was read; and nothing once all is.</summary>
    static async Task Counts(Person member, Guid conversation, IReadOnlyList<ChatEntry> log)
    {
        var view = await member.Insist(HttpMethod.Get, $"/v1/conversations/{conversation}");
        var read = view["readSequence"]!.GetValue<long>();
        view["unread"]!.GetValue<long>().ShouldBe(log.Count(e => e.Kind == EntryKind.Posted && e.Sequence > read), $"unread of {member.Id}, who has read up to {read}");
        await member.Insist(HttpMethod.Put, $"/v1/conversations/{conversation}/read", new { sequence = log[^1].Sequence }, done: 202);
        for (var deadline = DateTime.UtcNow.AddMinutes(1); (await member.Insist(HttpMethod.Get, "/v1/me/unread"))["messages"]!.GetValue<long>() is > 0 and var unread; await Task.Delay(100))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"{member.Id} has read everything and still has {unread} unread after a minute.");
            }
        }
    }

    static async Task<List<Guid>> History(Person reader, Guid conversation)
    {
        var history = new List<Guid>();
        for (long? before = null; ;)
        {
            var page = await reader.Insist(HttpMethod.Get, $"/v1/conversations/{conversation}/messages?limit=100{(before is null ? "" : $"&before={before}")}");
            var messages = page["messages"]!.AsArray();
            history.InsertRange(0, messages.Select(m => m!["messageId"]!.GetValue<Guid>()));
            if (!page["hasOlder"]!.GetValue<bool>())
            {
                return history;
            }

            before = messages[0]!["sequence"]!.GetValue<long>();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _groups.SelectMany(g => g.Members))
        {
            await client.DisposeAsync();
        }
    }
}
