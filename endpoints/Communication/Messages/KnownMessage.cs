using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// What is known of a record (its <c>I#</c> item): <c>sequence, author_id</c>, and <c>rejected</c> with the reason when no rule let it in. Of a message
/// also where it stands and what became of it: <c>number, text, mentions, edited_at, text_sequence</c> (the last edit's entry), <c>deleted_at</c> and
/// <c>reactions</c>, a map of emoji to members. It never expires: a record is recognised however late it comes again.
/// </summary>
/// <param name="RecordId">The record.</param>
/// <param name="Sequence">Its entry; the conversation's last one then, when it has none of its own.</param>
/// <param name="AuthorId">Who did it.</param>
sealed record KnownMessage(Guid RecordId, long Sequence, Guid AuthorId)
{
    public const int MaxReactions = 1_000;
    public const int MaxEmoji = 20;
    const int ShownMembers = 20;

    /// <summary>Its number among the messages; null when it is none.</summary>
    public long? Number { get; init; }

    public string? Rejected { get; init; }

    /// <summary>The text that replaced the posted one.</summary>
    public string? Text { get; init; }

    public IReadOnlyList<Guid> Mentions { get; init; } = [];

    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>The entry of the last edit.</summary>
    public long? TextSequence { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<Guid>> Reactions { get; init; } = new Dictionary<string, IReadOnlyList<Guid>>(StringComparer.Ordinal);

    /// <summary>The entry that has the text which is shown.</summary>
    public long ShownSequence => TextSequence ?? Sequence;

    public static KnownMessage Of(Dictionary<string, AttributeValue> item) => new(Guid.Parse(item["sk"].S.AsSpan(2)), item.Number("sequence"), item.Id("author_id"))
    {
        Number = item.NumberOrNull("number"),
        Rejected = item.Text("rejected"),
        Text = item.Text("text"),
        Mentions = item.Ids("mentions"),
        EditedAt = item.TimeOrNull("edited_at"),
        TextSequence = item.NumberOrNull("text_sequence"),
        DeletedAt = item.TimeOrNull("deleted_at"),
        Reactions = (item.GetValueOrDefault("reactions")?.M ?? []).ToDictionary(r => r.Key, r => (IReadOnlyList<Guid>)[.. r.Value.L.Select(v => Guid.Parse(v.S))], StringComparer.Ordinal),
    };

    public Dictionary<string, AttributeValue> Item(Guid conversation)
    {
        var item = DynamoValues.Item(Keys.Conversation(conversation), Keys.Record(RecordId))
            .With("sequence", Sequence)
            .With("author_id", AuthorId)
            .With("number", Number)
            .With("rejected", Rejected)
            .With("text", Text)
            .With("edited_at", EditedAt)
            .With("text_sequence", TextSequence)
            .With("deleted_at", DeletedAt);
        if (Mentions.Count > 0)
        {
            item.With("mentions", DynamoValues.Of(Mentions));
        }

        if (Reactions.Count > 0)
        {
            item.With("reactions", new AttributeValue { M = Reactions.ToDictionary(r => r.Key, r => DynamoValues.Of(r.Value), StringComparer.Ordinal), IsMSet = true });
        }

        return item;
    }

    /// <summary>The message with a member's emoji put or taken back; the same when that is so already, null when there are as many as one message may have.</summary>
    public KnownMessage? React(Guid member, string emoji, bool removed)
    {
        var members = Reactions.GetValueOrDefault(emoji) ?? [];
        if (members.Contains(member) != removed)
        {
            return this;
        }

        if (!removed && (Reactions.Values.Sum(m => m.Count) >= MaxReactions || (members.Count == 0 && Reactions.Count >= MaxEmoji)))
        {
            return null;
        }

        var changed = new Dictionary<string, IReadOnlyList<Guid>>(Reactions, StringComparer.Ordinal) { [emoji] = removed ? [.. members.Where(m => m != member)] : [.. members, member] };
        if (changed[emoji].Count == 0)
        {
            changed.Remove(emoji);
        }

        return this with { Reactions = changed };
    }

    /// <summary>The message as it is now.</summary>
    public MessageView View(ChatEntry posted) => new(
        RecordId,
        posted.Sequence,
        posted.Number,
        posted.AuthorId,
        posted.At,
        DeletedAt is not null ? null : EditedAt is null ? posted.Text : Text,
        posted.ReplyTo,
        DeletedAt is not null ? [] : EditedAt is null ? posted.Mentions ?? [] : Mentions,
        DeletedAt is not null ? [] : posted.Attachments ?? [],
        [.. Reactions.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => new ReactionView(r.Key, r.Value.Count, [.. r.Value.Take(ShownMembers)]))],
        EditedAt,
        DeletedAt);
}
