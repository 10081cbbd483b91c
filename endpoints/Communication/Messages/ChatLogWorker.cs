using System.Collections.Concurrent;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Communication;

/// <summary>
/// Gives every record of <see cref="StreamTopics.ChatMessages"/> its place in its conversation, stores it, and tells the sockets. A partition has one
/// instance at a time, and <see cref="ChatFold"/> stands two; so a conversation's entries are 1, 2, 3, ... each from one record, whatever is delivered
/// twice. Power failure: Kafka has every accepted record, and those after the last commit of offsets are recognised when they come again.
/// Sockets hear of an entry at least once, unless Redis is away: then they are told to read when it is back.
/// </summary>
sealed class ChatLogWorker(DynamoTable table, ConversationFrames frames, ILogger<ChatLogWorker> logger) : StreamWorker<ChatRecord>
{
    const int MaxRemembered = 10_000;
    const int MaxRepublished = 100;
    const int MaxContests = 8;

    /// <summary>Where the logs of a partition end, as long as it is ours.</summary>
    readonly ConcurrentDictionary<int, ConcurrentDictionary<Guid, ChatLogState>> _states = new();

    public override StreamTopic Topic => StreamTopics.ChatMessages;

    protected override void Assigned(int partition) => _states.TryRemove(partition, out _);

    protected override async Task Handle(StreamBatch<ChatRecord> batch, CancellationToken cancellationToken)
    {
        foreach (var (record, reason) in await Fold(batch.Partition, batch.Records, cancellationToken))
        {
            batch.Reject(record, reason);
        }
    }

    internal async Task<List<(StreamRecord<ChatRecord> Record, string Reason)>> Fold(int partition, IReadOnlyList<StreamRecord<ChatRecord>> records, CancellationToken ct)
    {
        var states = _states.GetOrAdd(partition, _ => new());
        if (states.Count > MaxRemembered)
        {
            states.Clear();
        }

        var read = await Read(states, records, ct);
        var rejected = new ConcurrentBag<(StreamRecord<ChatRecord> Record, string Reason)>();
        await Parallel.ForEachAsync(records.GroupBy(r => r.Value.ConversationId), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct }, async (group, token) =>
        {
            foreach (var refused in await FoldOne(states, group.Key, [.. group], read, token))
            {
                rejected.Add(refused);
            }
        });
        return [.. rejected.OrderBy(r => r.Record.Position.Offset)];
    }

    async Task<List<(StreamRecord<ChatRecord>, string)>> FoldOne(
        ConcurrentDictionary<Guid, ChatLogState> states, Guid conversation, StreamRecord<ChatRecord>[] records, Dictionary<(string, string), Dictionary<string, AttributeValue>> read, CancellationToken ct)
    {
        for (var contest = 1; ; contest++)
        {
            try
            {
                return await FoldOnce(states, conversation, records, read, ct);
            }
            catch (TransactionCanceledException e) when (contest < MaxContests)
            {
                logger.LogInformation("Another writer was quicker in conversation {ConversationId}; reading it again: {Reason}", conversation, e.Message);
                await Task.Delay(Random.Shared.Next(10, 50 * contest), ct);
                read = await Read(states, records, ct);
            }
            catch (TransactionCanceledException e)
            {
                throw new DynamoUnavailableException($"Conversation {conversation} has another writer who is always quicker: this instance may no longer own its partition.", e);
            }
        }
    }

    async Task<List<(StreamRecord<ChatRecord>, string)>> FoldOnce(
        ConcurrentDictionary<Guid, ChatLogState> states, Guid conversation, StreamRecord<ChatRecord>[] records, Dictionary<(string, string), Dictionary<string, AttributeValue>> read, CancellationToken ct)
    {
        var pk = Keys.Conversation(conversation);
        if (!states.TryRemove(conversation, out var state))
        {
            if (!read.ContainsKey((pk, Keys.Meta)))
            {
                return [.. records.Select(r => (r, "There is no such conversation."))];
            }

            state = read.GetValueOrDefault((pk, Keys.State)) is { } item ? ChatLogState.Of(item) : ChatLogState.Empty;
        }

        // Remembered again only when all went well: after any failure the log may end elsewhere.
        var fold = new ChatFold(table, conversation, state, read);
        List<(StreamRecord<ChatRecord>, string)> rejected = [];
        foreach (var record in records)
        {
            if (await fold.Fold(record.Value, ct) is { } reason)
            {
                rejected.Add((record, reason));
            }
        }

        await fold.Flush(ct);
        await frames.Tell(conversation, fold.Entries);
        if (fold.Repeated.Exists(s => s > 0)) // a record refused before the first entry has no place at all
        {
            await TellAgain(pk, conversation, fold, ct);
        }

        foreach (var block in fold.Blocks)
        {
            await SearchBlock.Write(table, conversation, block, fold.State, ct);
        }

        states[conversation] = fold.State;
        return rejected;
    }

    /// <summary>A record that comes again may be one whose entry was stored just before a crash, and which no socket has heard of.</summary>
    async Task TellAgain(string pk, Guid conversation, ChatFold fold, CancellationToken ct)
    {
        var entries = await table.Query(pk, Keys.Entry(Math.Max(1, fold.Repeated.Min())), Keys.Entry(fold.Repeated.Max()), MaxRepublished, newestFirst: true, ct);
        await frames.Tell(conversation, [.. entries.Select(LogEntry.Of).OrderBy(e => e.Sequence)]);
        var full = fold.State.LastSequence / ChatFold.EntriesPerBlock;
        var blocks = fold.Repeated.Where(s => s > 0).Select(ChatFold.BlockOf).Where(b => b < full).ToHashSet();
        var written = await table.GetMany([.. blocks.Select(b => (pk, Keys.Words(b)))], ct, "sk");
        fold.Blocks.UnionWith(blocks.Where(b => written.TrueForAll(w => w["sk"].S != Keys.Words(b))));
    }

    async Task<Dictionary<(string, string), Dictionary<string, AttributeValue>>> Read(ConcurrentDictionary<Guid, ChatLogState> states, IReadOnlyList<StreamRecord<ChatRecord>> records, CancellationToken ct)
    {
        HashSet<(string Pk, string Sk)> keys = [];
        foreach (var record in records.Select(r => r.Value))
        {
            var pk = Keys.Conversation(record.ConversationId);
            keys.UnionWith(ChatFold.Needed(record).Select(sk => (pk, sk)));
            if (!states.ContainsKey(record.ConversationId))
            {
                keys.Add((pk, Keys.Meta));
                keys.Add((pk, Keys.State));
            }
        }

        return (await table.GetMany(keys, ct)).ToDictionary(i => (i["pk"].S, i["sk"].S));
    }
}
