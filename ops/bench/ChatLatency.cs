using System.Collections.Concurrent;
using System.Diagnostics;
using EdTech.Contracts.Communication;
using EdTech.PlatformTesting;
using EdTech.Testing;

namespace EdTech.Bench;

/// <summary>
/// From a client's send to the moment another member's client has the entry, over WebSockets, Kafka, DynamoDB and Redis; the platform is a process of its
/// own, the clients share the cores with it. Groups of ten people, each with as many windows open as the number of connections asks.
/// </summary>
static class ChatLatency
{
    const int People = 100;
    const int PerGroup = 10;

    /// <param name="Connections">How many WebSockets were open.</param>
    /// <param name="Acknowledged">From send to the gateway's word that Kafka has it.</param>
    /// <param name="Visible">From send to each copy at each connection of the group.</param>
    /// <param name="Delivered">Entries received by connections a second.</param>
    public sealed record Result(int Connections, Latencies Acknowledged, Latencies Visible, double Delivered);

    public static async Task<IReadOnlyList<Result>> Measure(IReadOnlyList<int> connections, int perSecond, TimeSpan duration)
    {
        await using var platform = await PlatformUnderTest.StartProcess(("Logging:LogLevel:Default", "Warning"));
        var people = new ConcurrentBag<Person>();
        await Parallel.ForAsync(0, People, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) => people.Add(await Person.Register(platform)));
        var groups = new List<(Guid Id, Person[] Members)>();
        foreach (var members in people.Chunk(PerGroup))
        {
            var opened = await members[0].Post("/v1/conversations", new { kind = "group", title = "A class", memberIds = members.Skip(1).Select(m => m.Id) });
            groups.Add((opened["id"]!.GetValue<Guid>(), members));
        }

        foreach (var (id, members) in groups)
        {
            await WorkerUnderTest.Until(async () => (await members[0].Get($"/v1/conversations/{id}"))["memberCount"]!.GetValue<int>() == PerGroup, "everybody is in");
        }

        var results = new List<Result>();
        var clients = new List<(Guid Group, ChatClient Client)>();
        var sent = new ConcurrentDictionary<Guid, long>();
        var visible = new ConcurrentBag<double>();
        try
        {
            foreach (var count in connections)
            {
                while (clients.Count < count)
                {
                    var more = Enumerable.Range(clients.Count, Math.Min(50, count - clients.Count)).Select(i =>
                    {
                        var (id, members) = groups[i % groups.Count];
                        var client = new ChatClient(members[i / groups.Count % PerGroup], () => platform.Url)
                        {
                            Heard = entry =>
                            {
                                if (sent.TryGetValue(entry.RecordId, out var at))
                                {
                                    visible.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                                }
                            },
                        };
                        return (id, client);
                    }).ToArray();
                    await Task.WhenAll(more.Select(async m =>
                    {
                        await m.client.Connected(default);
                        await m.client.CatchUp(m.id, default);
                    }));
                    clients.AddRange(more);
                }

                await Latencies.AtRate(perSecond, 0, TimeSpan.FromSeconds(3), i => Say(clients[i * 7 % clients.Count], sent: null)); // Warm-up.
                visible.Clear();
                var perMessage = clients.Count / groups.Count;
                var acknowledged = await Latencies.AtRate(perSecond, 0, duration, i => Say(clients[i * 7 % clients.Count], sent));
                await WorkerUnderTest.Until(() => visible.Count >= acknowledged.Count * perMessage, "everybody has heard everything");
                results.Add(new Result(count, acknowledged, new Latencies(visible), acknowledged.Count * perMessage / duration.TotalSeconds));
                sent.Clear();
            }
        }
        finally
        {
            await Task.WhenAll(clients.Select(c => c.Client.DisposeAsync().AsTask()));
        }

        return results;
    }

    static async Task Say((Guid Group, ChatClient Client) from, ConcurrentDictionary<Guid, long>? sent)
    {
        var message = Guid.CreateVersion7();
        sent?.TryAdd(message, Stopwatch.GetTimestamp());
        await from.Client.Send(from.Group, message, "Could somebody explain why the leaf needs light at all?", default);
    }
}
