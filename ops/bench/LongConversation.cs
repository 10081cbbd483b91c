using EdTech.Communication;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Bench;

/// <summary>
/// What a member of a conversation with very many messages waits for: the unread count and a page of the history, by the worker's internal API, against
/// bare requests to DynamoDB for as many items. EDTECH_BENCH_MESSAGES sets how many (100,000; filling a million takes DynamoDB Local half an hour).
/// </summary>
static class LongConversation
{
    /// <param name="Messages">How many there are.</param>
    /// <param name="Unread">The unread totals of a member who has read nothing.</param>
    /// <param name="Newest">The newest fifty.</param>
    /// <param name="Anywhere">Fifty from anywhere.</param>
    /// <param name="RawGet">One BatchGetItem of two items.</param>
    /// <param name="RawQuery">One Query of fifty items.</param>
    public sealed record Result(int Messages, Latencies Unread, Latencies Newest, Latencies Anywhere, Latencies RawGet, Latencies RawQuery);

    public static async Task<Result> Measure(TimeSpan duration)
    {
        var messages = int.Parse(Environment.GetEnvironmentVariable("EDTECH_BENCH_MESSAGES") ?? "100000", System.Globalization.CultureInfo.InvariantCulture);
        await using var worker = await WorkerUnderTest.Start("communication", CommunicationEndpoint.Build, ("EDTECH_USERS_URL", "http://127.0.0.1:1"), ("Logging:LogLevel:Default", "Warning"));
        var table = worker.Host.Services.GetRequiredService<DynamoTable>();
        Guid conversation = Guid.CreateVersion7(), author = Guid.CreateVersion7(), reader = Guid.CreateVersion7();
        await Fill.Conversations(worker, [conversation], [author, reader]);
        var pk = Keys.Conversation(conversation);
        var random = new Random(1);
        // What became of a message is an item of its own. Only the pages that will be read get theirs, which halves the time to fill.
        var pages = Enumerable.Range(0, 200).Select(_ => random.Next(51, messages)).ToArray();
        var read = pages.Append(messages + 1).SelectMany(before => Enumerable.Range(before - 50, 50)).ToHashSet();
        foreach (var chunk in Enumerable.Range(1, messages).Chunk(5_000))
        {
            var entries = chunk.Select(i => Entry(i, author)).ToArray();
            await table.Write(
                [
                    .. entries.Select(e => Fill.Put(LogEntry.Item(conversation, e))),
                    .. entries.Where(e => read.Contains((int)e.Sequence)).Select(e => Fill.Put(new KnownMessage(e.RecordId, e.Sequence, author) { Number = e.Number }.Item(conversation))),
                ],
                default);
        }

        await table.Write([Fill.Put(DynamoValues.Item(pk, Keys.State).With("last_sequence", (long)messages).With("message_count", (long)messages).With("last_at", DateTimeOffset.UtcNow))], default);

        var api = worker.Api(new Actor(reader, ["learn"]));
        Task Get(string path) => api.GetByteArrayAsync(new Uri(path, UriKind.Relative));
        var history = $"/internal/communication/conversations/{conversation}/messages?limit=50";
        return new Result(
            messages,
            await Latencies.OneByOne(20, duration, _ => Get("/internal/communication/unread")),
            await Latencies.OneByOne(20, duration, _ => Get(history)),
            await Latencies.OneByOne(20, duration, _ => Get($"{history}&before={pages[random.Next(pages.Length)]}")),
            await Latencies.OneByOne(20, duration, _ => table.GetMany([(pk, Keys.State), (pk, Keys.Read(reader))], default)),
            await Latencies.OneByOne(20, duration, _ =>
            {
                var from = random.Next(1, messages - 50);
                return table.Query(pk, Keys.Entry(from), Keys.Entry(from + 49), 50, newestFirst: true, default);
            }));
    }

    static ChatEntry Entry(int i, Guid author)
    {
        var id = Guid.CreateVersion7();
        return new ChatEntry(i, i, EntryKind.Posted, id, author, DateTimeOffset.UtcNow, id, "Could somebody explain why the leaf needs light at all?", null, [], []);
    }
}
