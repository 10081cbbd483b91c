using System.Globalization;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// Messages as they are now: an entry of the log with what has become of it since. Every read asks first where the log ends and shows nothing beyond,
/// so that what comes live afterwards continues it. Catching up when nothing was missed costs that one request.
/// </summary>
sealed class MessageReads(DynamoTable table)
{
    /// <summary>A page of entries ends early when a megabyte of them was read.</summary>
    public const int MaxEntries = 500;

    /// <summary>Reactions and edits between two messages are read over, a megabyte a request; a page with more of them in between is short.</summary>
    const int MaxRequests = 32;

    const int BlocksPerSearch = 40;
    const int BlocksPerRead = 10;

    /// <summary>Where the log ends, or null when the person is no member.</summary>
    public async Task<ChatLogState?> StateFor(Guid conversation, Guid account, CancellationToken ct)
    {
        var pk = Keys.Conversation(conversation);
        var found = await table.GetMany([(pk, Keys.Member(account)), (pk, Keys.State)], ct);
        return found.Exists(i => i["sk"].S == Keys.Member(account))
            ? found.Find(i => i["sk"].S == Keys.State) is { } state ? ChatLogState.Of(state) : ChatLogState.Empty
            : null;
    }

    /// <summary>One message, or null.</summary>
    public async Task<MessageView?> Find(Guid conversation, Guid message, CancellationToken ct)
    {
        var pk = Keys.Conversation(conversation);
        return await table.Get(pk, Keys.Record(message), ct) is { } item && KnownMessage.Of(item) is { Number: not null } known
            && await table.Get(pk, Keys.Entry(known.Sequence), ct) is { } posted
            ? known.View(LogEntry.Of(posted))
            : null;
    }

    /// <summary>The last messages before a place, the first after a place, or the newest.</summary>
    public async Task<MessagePage> Page(Guid conversation, ChatLogState state, long? before, long? after, int limit, CancellationToken ct)
    {
        var (from, to) = ((after ?? 0) + 1, Math.Min(state.LastSequence, (before ?? long.MaxValue) - 1));
        var entries = await Posted(conversation, from, to, limit, newestFirst: after is null, ct);
        entries.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        var views = await Views(conversation, entries, ct);
        return entries.Count > 0
            ? new MessagePage(views, state.LastSequence, entries[0].Number > 1, entries[^1].Number < state.MessageCount)
            : new MessagePage([], state.LastSequence, after > 0 && state.MessageCount > 0, before is not null && before <= state.LastSequence && state.MessageCount > 0);
    }

    /// <summary>What a client has missed since an entry.</summary>
    public async Task<EntryPage> EntriesAfter(Guid conversation, ChatLogState state, long after, int limit, CancellationToken ct)
    {
        if (after >= state.LastSequence)
        {
            return new EntryPage([], state.LastSequence, More: false);
        }

        var page = await table.Client.QueryAsync(Range(conversation, after + 1, state.LastSequence, limit), ct);
        var entries = (page.Items ?? []).Select(LogEntry.Of).ToArray();
        return new EntryPage(entries, state.LastSequence, entries.Length > 0 && entries[^1].Sequence < state.LastSequence);
    }

    /// <summary>
    /// Messages whose text has words that begin with all of these, newest text first: an edited message stands where it was edited. Searches some ten
    /// thousand entries at most; the cursor goes on from there, even when nothing was found so far.
    /// </summary>
    public async Task<MessageSearchPage> Search(Guid conversation, ChatLogState state, IReadOnlyCollection<string> wanted, long before, int limit, CancellationToken ct)
    {
        var pk = Keys.Conversation(conversation);
        var found = new List<MessageView>();
        var newest = Math.Min(state.LastSequence, before - 1);
        if (newest < 1)
        {
            return new MessageSearchPage([], null);
        }

        Dictionary<long, Dictionary<string, AttributeValue>> words = [];
        var (first, full) = (ChatFold.BlockOf(newest), state.LastSequence / ChatFold.EntriesPerBlock);
        for (var block = first; block >= 0; block--)
        {
            if (first - block == BlocksPerSearch)
            {
                return new MessageSearchPage(found, Cursor((block + 1) * ChatFold.EntriesPerBlock + 1));
            }

            if ((first - block) % BlocksPerRead == 0)
            {
                var keys = Enumerable.Range(0, BlocksPerRead).Select(i => block - i).Where(b => b >= 0 && b < full).ToDictionary(b => Keys.Words(b), StringComparer.Ordinal);
                words = (await table.GetMany([.. keys.Keys.Select(sk => (pk, sk))], ct)).ToDictionary(i => keys[i["sk"].S]);
            }

            foreach (var (entry, view) in await Candidates(conversation, state, block, words.GetValueOrDefault(block), wanted, newest, ct))
            {
                found.Add(view);
                if (found.Count == limit)
                {
                    return new MessageSearchPage(found, entry > 1 ? Cursor(entry) : null);
                }
            }
        }

        return new MessageSearchPage(found, null);
    }

    /// <summary>Messages of a block that fit, newest first, with the entry that has their text.</summary>
    async Task<List<(long Entry, MessageView View)>> Candidates(
        Guid conversation, ChatLogState state, long block, Dictionary<string, AttributeValue>? words, IReadOnlyCollection<string> wanted, long newest, CancellationToken ct)
    {
        var pk = Keys.Conversation(conversation);
        var entries = words is null
            ? await SearchBlock.Entries(table, pk, block, state.LastSequence, ct)
            : [.. (await table.GetMany([.. SearchBlock.Find(words, block, wanted).Where(s => s <= newest).Select(s => (pk, Keys.Entry(s)))], ct)).Select(LogEntry.Of)];
        var fitting = entries.Where(e => e.Sequence <= newest && e.Text is not null && SearchWords.Fit(wanted, SearchWords.Of(e.Text))).OrderByDescending(e => e.Sequence).ToArray();
        var known = await Known(conversation, fitting.Select(e => e.MessageId), ct);
        var current = fitting.Where(e => known.GetValueOrDefault(e.MessageId) is { DeletedAt: null } message && message.ShownSequence == e.Sequence).ToArray();
        var edited = current.Where(e => e.Kind != EntryKind.Posted).Select(e => (pk, Keys.Entry(known[e.MessageId].Sequence))).ToArray();
        var posted = (await table.GetMany(edited, ct)).Select(LogEntry.Of).Concat(current.Where(e => e.Kind == EntryKind.Posted)).ToDictionary(e => e.MessageId);
        return [.. current.Where(e => posted.ContainsKey(e.MessageId)).Select(e => (e.Sequence, known[e.MessageId].View(posted[e.MessageId])))];
    }

    async Task<List<ChatEntry>> Posted(Guid conversation, long from, long to, int limit, bool newestFirst, CancellationToken ct)
    {
        var found = new List<ChatEntry>();
        if (from > to)
        {
            return found;
        }

        var request = Range(conversation, from, to, limit * 2);
        request.ScanIndexForward = !newestFirst;
        request.FilterExpression = "kind = :posted";
        request.ExpressionAttributeValues[":posted"] = DynamoValues.Of(nameof(EntryKind.Posted));
        for (var requests = 0; requests < MaxRequests; requests++)
        {
            var page = await table.Client.QueryAsync(request, ct);
            found.AddRange((page.Items ?? []).Select(LogEntry.Of).Take(limit - found.Count));
            if (found.Count == limit || page.LastEvaluatedKey is not { Count: > 0 } last)
            {
                break;
            }

            (request.ExclusiveStartKey, request.Limit) = (last, 4_000);
        }

        return found;
    }

    async Task<List<MessageView>> Views(Guid conversation, List<ChatEntry> posted, CancellationToken ct)
    {
        var known = await Known(conversation, posted.Select(e => e.MessageId), ct);
        return [.. posted.Select(e => known[e.MessageId].View(e))];
    }

    async Task<Dictionary<Guid, KnownMessage>> Known(Guid conversation, IEnumerable<Guid> messages, CancellationToken ct)
        => (await table.GetMany([.. messages.Select(m => (Keys.Conversation(conversation), Keys.Record(m)))], ct)).Select(KnownMessage.Of).ToDictionary(m => m.RecordId);

    QueryRequest Range(Guid conversation, long from, long to, int limit) => new()
    {
        TableName = table.Name,
        KeyConditionExpression = "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues = new() { [":pk"] = DynamoValues.Of(Keys.Conversation(conversation)), [":from"] = DynamoValues.Of(Keys.Entry(from)), [":to"] = DynamoValues.Of(Keys.Entry(to)) },
        Limit = limit,
        ConsistentRead = true,
    };

    static string Cursor(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);
}
