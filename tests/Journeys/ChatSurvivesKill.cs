using System.Collections.Concurrent;
using System.Globalization;
using EdTech.Contracts.Communication;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>
/// People talk in groups over two instances of the platform, while the instances (gateway and worker) and Redis are killed and the way to Kafka is cut at random; then every
/// member's copy of every conversation must be the same, with each acknowledged message in it once.
/// EDTECH_CHAT_CLIENTS, EDTECH_CHAT_MESSAGES and EDTECH_FAULTS make it larger.
/// </summary>
[Collection("servers that are killed")]
public sealed class ChatSurvivesKill : IAsyncLifetime
{
    const int PerGroup = 10;
    static readonly int Clients = Setting("EDTECH_CHAT_CLIENTS", 40);
    static readonly int Messages = Setting("EDTECH_CHAT_MESSAGES", 3_000);
    static readonly int Faults = Setting("EDTECH_FAULTS", 6);

    readonly HttpClient _kafka = new() { Timeout = TimeSpan.FromSeconds(20) };
    readonly ConcurrentDictionary<Guid, string> _acknowledged = new();
    FaultyStack _servers = null!;
    PlatformUnderTest _first = null!;
    PlatformUnderTest _second = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _servers = await FaultyStack.Up("rabbitmq redis kafka");
        _kafka.BaseAddress = new Uri(_servers.Settings["EDTECH_KAFKA_ADMIN"]);
        _first = await PlatformUnderTest.StartProcess(_servers);
        _second = await _first.StartAnother();
    }

    public async ValueTask DisposeAsync()
    {
        _kafka.Dispose();
        await _second.DisposeAsync();
        await _first.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_was_told_that_a_message_is_taken_finds_it_once_and_in_everybodys_order()
    {
        var people = new ConcurrentBag<Person>();
        await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (_, _) => people.Add(await Person.Register(_first)));
        var clients = people.Select((person, i) => new ChatClient(person, () => (i % 2 == 0 ? _first : _second).Url)).ToArray();
        var groups = await Task.WhenAll(clients.Chunk(PerGroup).Select(members => Open(people, members)));

        using var talking = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        talking.CancelAfter(TimeSpan.FromMinutes(Setting("EDTECH_CHAT_MINUTES", 5)));
        var load = groups.SelectMany(g => g.Members.Select((client, i) => Talk(client, g.Id, new Random(i), talking.Token))).ToArray();
        await Disturb(Task.WhenAll(load));
        await Task.WhenAny(Task.WhenAll(load));
        load.Count(l => !l.IsCompletedSuccessfully).ShouldBe(0, $"everybody has said all; failures: {string.Join(" | ", clients.Select(c => c.LastFailure).Distinct())}");

        foreach (var group in groups)
        {
            await Agree(group);
        }

        clients.SelectMany(c => c.Violations).ShouldBeEmpty();
        groups.SelectMany(g => g.Members[0].Log(g.Id)).Count(e => e.Kind == EntryKind.Posted).ShouldBe(_acknowledged.Count, "nothing is stored that nobody sent");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>Each member's copy, completed, is the same log without a gap or a double; receipts heard are of entries that are there; HTTP tells the same.</summary>
    async Task Agree((Guid Id, ChatClient[] Members) group)
    {
        var taken = _acknowledged.Where(a => a.Value.StartsWith(group.Id.ToString(), StringComparison.Ordinal)).ToArray();
        // Kafka has it; the worker may still be reading, after a fault from where it last committed.
        await WorkerUnderTest.Until(
            async () =>
            {
                await group.Members[0].CatchUp(group.Id, Ct);
                return taken.Select(t => t.Key).ToHashSet().IsSubsetOf(group.Members[0].Log(group.Id).Select(e => e.RecordId));
            },
            "every acknowledged message is stored: none is lost");
        var last = (await Task.WhenAll(group.Members.Select(m => m.CatchUp(group.Id, Ct)))).Max();
        await Task.WhenAll(group.Members.Select(m => m.CatchUp(group.Id, Ct)));
        var log = group.Members[0].Log(group.Id);
        log.Select(e => e.Sequence).ShouldBe(Enumerable.Range(1, (int)last).Select(i => (long)i));
        foreach (var member in group.Members)
        {
            member.Log(group.Id).Select(e => (e.Sequence, e.RecordId, e.Number)).ShouldBe(log.Select(e => (e.Sequence, e.RecordId, e.Number)), "all members see one order");
            member.Receipts.Where(r => r.ConversationId == group.Id).ShouldAllBe(r => r.Sequence <= last);
        }

        log.Select(e => e.RecordId).ShouldBeUnique();
        var posted = log.Where(e => e.Kind == EntryKind.Posted).ToDictionary(e => e.RecordId, e => e.Text);
        foreach (var (message, text) in taken)
        {
            posted[message].ShouldBe(text);
        }

        var reader = group.Members[^1].Person;
        await reader.SignIn();
        var history = new List<Guid>();
        for (long? before = null; ;)
        {
            var page = await reader.Get($"/v1/conversations/{group.Id}/messages?limit=100{(before is null ? "" : $"&before={before}")}");
            var messages = page["messages"]!.AsArray();
            history.InsertRange(0, messages.Select(m => m!["messageId"]!.GetValue<Guid>()));
            if (!page["hasOlder"]!.GetValue<bool>())
            {
                break;
            }

            before = messages[0]!["sequence"]!.GetValue<long>();
        }

        history.ShouldBe(log.Where(e => e.Kind == EntryKind.Posted).Select(e => e.RecordId), "the pages of the history are the log's messages");
    }

    async Task<(Guid Id, ChatClient[] Members)> Open(IEnumerable<Person> people, ChatClient[] members)
    {
        var creator = people.First(p => p.Id == members[0].Id);
        var opened = await creator.Post("/v1/conversations", new { kind = "group", title = "A class", memberIds = members.Skip(1).Select(m => m.Id) });
        var id = opened["id"]!.GetValue<Guid>();
        await WorkerUnderTest.Until(async () => (await creator.Get($"/v1/conversations/{id}"))["memberCount"]!.GetValue<int>() == members.Length, "everybody is in the group");
        return (id, members);
    }

    async Task Talk(ChatClient client, Guid conversation, Random random, CancellationToken ct)
    {
        for (var i = 0; i < Messages / Clients; i++)
        {
            var (message, text) = (Guid.CreateVersion7(), $"{conversation} from {client.Id}: {i}");
            await client.Send(conversation, message, text, ct);
            _acknowledged[message] = text;
            switch (random.Next(20))
            {
                case 0:
                    await client.Send(conversation, message, text, ct); // a client that did not hear the answer
                    break;
                case 1:
                    await client.Drop();
                    break;
                case 2 or 3:
                    await client.Read(conversation, client.Log(conversation).Count, ct);
                    break;
            }

            await Task.Delay(random.Next(40, 120), ct); // people do not type faster, and the hub would not let them
        }
    }

    /// <summary>Seeded faults, spread over the load; each kind comes once before any comes twice.</summary>
    async Task Disturb(Task load)
    {
        var random = new Random(20261123);
        var kinds = Enumerable.Range(0, (Faults / 4) + 1).SelectMany(_ => Enumerable.Range(0, 4).OrderBy(_ => random.Next())).Take(Faults);
        foreach (var (kind, i) in kinds.Select((kind, i) => (kind, i)))
        {
            while (!load.IsCompleted && _acknowledged.Count < Messages * (i + 1) / (Faults + 2))
            {
                await Task.WhenAny(load, Task.Delay(50, Ct));
            }

            switch (kind)
            {
                case 0:
                    await _first.Kill();
                    await _first.Restart();
                    break;
                case 1:
                    await _second.Kill();
                    await _second.Restart();
                    break;
                case 2:
                    await _servers.Kill("redis");
                    await _servers.Recover();
                    break;
                default:
                    // The embedded broker forgets all when it is killed, as no Kafka does: the way to it is cut instead.
                    using (await _kafka.PostAsync(new Uri("/broker/down", UriKind.Relative), null, Ct))
                    {
                        await Task.Delay(TimeSpan.FromSeconds(3), Ct);
                    }

                    using (await _kafka.PostAsync(new Uri("/broker/up", UriKind.Relative), null, Ct))
                    {
                        break;
                    }
            }
        }
    }

    static int Setting(string name, int otherwise)
        => int.Parse(Environment.GetEnvironmentVariable(name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
