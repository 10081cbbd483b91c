using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// Puts records of one conversation behind its log, a few at a time. Everything that follows from a record (its entry, what it makes of an earlier
/// message, the author's own place, the text that must go) is one transaction with the new <c>STATE</c>, on condition that the log still ends where it
/// did. So a record is there or it is not: a crash leaves no half, and of two writers one fails and reads again. A transaction of DynamoDB Local holds
/// ten items, which is three posts of three people; AWS would take a hundred.
/// </summary>
/// <param name="table">The endpoint's table.</param>
/// <param name="conversation">The conversation.</param>
/// <param name="state">Where the log ends.</param>
/// <param name="items">What was read for the records: known ones, messages they concern, members.</param>
sealed class ChatFold(DynamoTable table, Guid conversation, ChatLogState state, IReadOnlyDictionary<(string Pk, string Sk), Dictionary<string, AttributeValue>> items)
{
    public const int EntriesPerBlock = 256;
    const int MaxItems = 10;

    /// <summary>Clocks of gateways and workers differ by less than this.</summary>
    static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    readonly string _pk = Keys.Conversation(conversation);
    readonly Dictionary<Guid, KnownMessage> _known = [];
    readonly Dictionary<string, Dictionary<string, AttributeValue>?> _writes = new(StringComparer.Ordinal);
    readonly HashSet<long> _scrubbed = [];
    long _stored = state.LastSequence;

    /// <summary>Where the log ends once everything is written.</summary>
    public ChatLogState State { get; private set; } = state;

    /// <summary>The new entries.</summary>
    public List<ChatEntry> Entries { get; } = [];

    /// <summary>Places of records that came again.</summary>
    public List<long> Repeated { get; } = [];

    /// <summary>Blocks whose words must be written (again).</summary>
    public SortedSet<long> Blocks { get; } = [];

    public static long BlockOf(long sequence) => (sequence - 1) / EntriesPerBlock;

    /// <summary>What must be read before these records are folded.</summary>
    public static IEnumerable<string> Needed(ChatRecord record)
    {
        yield return Keys.Record(record.RecordId);
        yield return Keys.Member(record.AuthorId);
        yield return Keys.Former(record.AuthorId);
        if (MessageOf(record) is { } message)
        {
            yield return Keys.Record(message);
        }

        foreach (var mentioned in MentionsOf(record).Take(ChatRecordRules.MaxMentions))
        {
            yield return Keys.Member(mentioned);
        }
    }

    /// <summary>Folds one record and says why it was not let in, or null. Writes when the transaction is full; <see cref="Flush"/> writes the rest.</summary>
    public async Task<string?> Fold(ChatRecord record, CancellationToken ct)
    {
        if (Find(record.RecordId) is { } known)
        {
            Repeated.Add(known.Sequence);
            return known.Rejected ?? (known.AuthorId == record.AuthorId ? null : "Its id is that of somebody else's record.");
        }

        var most = record is MessagePosted or MessageReacted ? 3 : 7; // two texts may have to go, each out of its entry and its block's words
        if (1 + _writes.Count + _scrubbed.Count + most > MaxItems)
        {
            await Flush(ct);
        }

        var reason = ChatRecordRules.Fault(record) ?? (MayWrite(record) ? Apply(record) : "Its author was no member of the conversation.");
        if (reason is not null)
        {
            Remember(new KnownMessage(record.RecordId, State.LastSequence, record.AuthorId) { Rejected = reason });
        }

        return reason;
    }

    /// <summary>Writes what was folded, all or nothing.</summary>
    /// <exception cref="TransactionCanceledException">Another writer was quicker.</exception>
    public async Task Flush(CancellationToken ct)
    {
        if (_writes.Count == 0)
        {
            return;
        }

        var transaction = new List<TransactWriteItem> { State.Write(table.Name, conversation, _stored) };
        transaction.AddRange(_writes.Select(w => w.Value is { } item
            ? new TransactWriteItem { Put = new Put { TableName = table.Name, Item = item } }
            : new TransactWriteItem { Delete = new Delete { TableName = table.Name, Key = DynamoValues.Item(_pk, w.Key) } }));
        transaction.AddRange(_scrubbed.Select(s => new TransactWriteItem
        {
            Update = new Update
            {
                TableName = table.Name,
                Key = DynamoValues.Item(_pk, Keys.Entry(s)),
                UpdateExpression = "REMOVE #text, mentions, attachments",
                ExpressionAttributeNames = new() { ["#text"] = "text" },
            },
        }));
        await table.Client.TransactWriteItemsAsync(new TransactWriteItemsRequest { TransactItems = transaction }, ct);
        for (var block = _stored / EntriesPerBlock; block < State.LastSequence / EntriesPerBlock; block++)
        {
            Blocks.Add(block);
        }

        _stored = State.LastSequence;
        _writes.Clear();
        _scrubbed.Clear();
    }

    string? Apply(ChatRecord record)
    {
        switch (record)
        {
            case MessagePosted posted:
                var entry = Append(record, EntryKind.Posted, record.RecordId, e => e with { Text = posted.Text, ReplyTo = posted.ReplyTo, Mentions = Members(posted.Mentions), Attachments = posted.Attachments });
                Remember(new KnownMessage(record.RecordId, entry.Sequence, record.AuthorId) { Number = entry.Number });
                _writes[Keys.Read(record.AuthorId)] = DynamoValues.Item(_pk, Keys.Read(record.AuthorId)).With("sequence", entry.Sequence).With("read_number", entry.Number);
                return null;
            case MessageEdited edited:
                return Amend(record, edited.MessageId, message => message.AuthorId != record.AuthorId
                    ? "Only its author may edit a message."
                    : Edit(message, edited));
            case MessageDeleted deleted:
                return Amend(record, deleted.MessageId, message => message.AuthorId != record.AuthorId && !IsModerator(record.AuthorId)
                    ? "Only its author or a moderator may delete a message."
                    : Delete(message, deleted));
            case MessageReacted reacted:
                return Amend(record, reacted.MessageId, message => React(message, reacted));
            default:
                return "Nothing is known of records of this type.";
        }
    }

    string? Amend(ChatRecord record, Guid id, Func<KnownMessage, string?> change) => Find(id) switch
    {
        null or { Number: null } => "There is no such message in the conversation.",
        { DeletedAt: not null } when record is MessageDeleted => Nothing(record),
        { DeletedAt: not null } => "The message is deleted.",
        var message => change(message),
    };

    string? Edit(KnownMessage message, MessageEdited record)
    {
        var mentions = Members(record.Mentions);
        var entry = Append(record, EntryKind.Edited, message.RecordId, e => e with { Text = record.Text, Mentions = mentions });
        if (message.TextSequence is { } replaced)
        {
            Scrub(replaced);
        }

        Remember(new KnownMessage(record.RecordId, entry.Sequence, record.AuthorId));
        Remember(message with { Text = record.Text, Mentions = mentions, EditedAt = entry.At, TextSequence = entry.Sequence });
        return null;
    }

    string? Delete(KnownMessage message, MessageDeleted record)
    {
        var entry = Append(record, EntryKind.Deleted, message.RecordId, e => e);
        Scrub(message.Sequence);
        if (message.TextSequence is { } edited)
        {
            Scrub(edited);
        }

        Remember(new KnownMessage(record.RecordId, entry.Sequence, record.AuthorId));
        Remember(message with { Text = null, Mentions = [], DeletedAt = entry.At, Reactions = new Dictionary<string, IReadOnlyList<Guid>>(StringComparer.Ordinal) });
        return null;
    }

    string? React(KnownMessage message, MessageReacted record)
    {
        if (message.React(record.AuthorId, record.Emoji, record.Removed) is not { } changed)
        {
            return $"The message has {KnownMessage.MaxReactions} reactions or {KnownMessage.MaxEmoji} different ones.";
        }

        if (ReferenceEquals(changed, message))
        {
            return Nothing(record);
        }

        var entry = Append(record, EntryKind.Reacted, message.RecordId, e => e with { Emoji = record.Emoji, Removed = record.Removed });
        Remember(new KnownMessage(record.RecordId, entry.Sequence, record.AuthorId));
        Remember(changed);
        return null;
    }

    /// <summary>What is so already gets no entry, but the record is remembered: it must not take effect when it comes again later.</summary>
    string? Nothing(ChatRecord record)
    {
        Remember(new KnownMessage(record.RecordId, State.LastSequence, record.AuthorId));
        return null;
    }

    ChatEntry Append(ChatRecord record, EntryKind kind, Guid message, Func<ChatEntry, ChatEntry> fill)
    {
        var entry = fill(new ChatEntry(
            State.LastSequence + 1,
            State.MessageCount + (kind == EntryKind.Posted ? 1 : 0),
            kind,
            record.RecordId,
            record.AuthorId,
            DateTimeOffset.FromUnixTimeMilliseconds(record.At.ToUnixTimeMilliseconds()),
            message));
        State = State.After(entry);
        Entries.Add(entry);
        _writes[Keys.Entry(entry.Sequence)] = LogEntry.Item(conversation, entry);
        return entry;
    }

    /// <summary>Takes the text out of an entry, and out of the words of its block, which are written again afterwards.</summary>
    void Scrub(long sequence)
    {
        var at = Entries.FindIndex(e => e.Sequence == sequence);
        if (at >= 0)
        {
            Entries[at] = Entries[at] with { Text = null, Mentions = null, Attachments = null };
        }

        if (_writes.ContainsKey(Keys.Entry(sequence)))
        {
            _writes[Keys.Entry(sequence)] = LogEntry.Item(conversation, Entries[at]);
        }
        else
        {
            _scrubbed.Add(sequence);
        }

        var block = BlockOf(sequence);
        if (block < _stored / EntriesPerBlock)
        {
            _writes[Keys.Words(block)] = null;
            Blocks.Add(block);
        }
    }

    bool MayWrite(ChatRecord record)
        => items.ContainsKey((_pk, Keys.Member(record.AuthorId)))
            || (items.GetValueOrDefault((_pk, Keys.Former(record.AuthorId)))?.TimeOrNull("left_at") is { } left && record.At <= left + ClockSkew);

    /// <summary>Whoever is no member cannot be called by a message that they cannot read; the text stays as it was written.</summary>
    Guid[] Members(IReadOnlyList<Guid> mentioned) => [.. mentioned.Distinct().Where(m => items.ContainsKey((_pk, Keys.Member(m))))];

    bool IsModerator(Guid account) => items.GetValueOrDefault((_pk, Keys.Member(account)))?.Flag("moderator") == true;

    KnownMessage? Find(Guid record)
        => _known.GetValueOrDefault(record) ?? (items.GetValueOrDefault((_pk, Keys.Record(record))) is { } item ? KnownMessage.Of(item) : null);

    void Remember(KnownMessage message)
    {
        _known[message.RecordId] = message;
        _writes[Keys.Record(message.RecordId)] = message.Item(conversation);
    }

    static Guid? MessageOf(ChatRecord record) => record switch
    {
        MessageEdited edited => edited.MessageId,
        MessageDeleted deleted => deleted.MessageId,
        MessageReacted reacted => reacted.MessageId,
        _ => null,
    };

    static IReadOnlyList<Guid> MentionsOf(ChatRecord record) => record switch
    {
        MessagePosted posted => posted.Mentions,
        MessageEdited edited => edited.Mentions,
        _ => [],
    };
}
