using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Where a conversation's log ends (its <c>STATE</c> item): what every reader asks first, and what tells two writers apart.</summary>
/// <param name="LastSequence">The last entry.</param>
/// <param name="MessageCount">Messages ever posted.</param>
/// <param name="LastAt">When the last entry was taken; null as long as there is none.</param>
/// <param name="Preview">The beginning of the last message.</param>
/// <param name="PreviewOf">The last message.</param>
sealed record ChatLogState(long LastSequence, long MessageCount, DateTimeOffset? LastAt, string? Preview, Guid? PreviewOf)
{
    const int PreviewLength = 140;

    public static ChatLogState Empty { get; } = new(0, 0, null, null, null);

    public static ChatLogState Of(Dictionary<string, AttributeValue> item)
        => new(item.Number("last_sequence"), item.Number("message_count"), item.TimeOrNull("last_at"), item.Text("preview"), item.IdOrNull("preview_of"));

    /// <summary>The log with one entry more.</summary>
    public ChatLogState After(ChatEntry entry) => this with
    {
        LastSequence = entry.Sequence,
        MessageCount = entry.Number,
        LastAt = entry.At > LastAt || LastAt is null ? entry.At : LastAt,
        Preview = entry.Kind == EntryKind.Posted || (entry.MessageId == PreviewOf && entry.Kind != EntryKind.Reacted) ? Shortened(entry.Text) : Preview,
        PreviewOf = entry.Kind == EntryKind.Posted ? entry.MessageId : PreviewOf,
    };

    public TransactWriteItem Write(string table, Guid conversation, long expected) => new()
    {
        Put = new Put
        {
            TableName = table,
            Item = DynamoValues.Item(Keys.Conversation(conversation), Keys.State)
                .With("last_sequence", LastSequence)
                .With("message_count", MessageCount)
                .With("last_at", LastAt)
                .With("preview", Preview)
                .With("preview_of", PreviewOf),
            ConditionExpression = ConditionOf(expected),
            ExpressionAttributeValues = ValuesOf(expected),
        },
    };

    /// <summary>Holds the transaction to the log as it is.</summary>
    public TransactWriteItem Check(string table, Guid conversation) => new()
    {
        ConditionCheck = new ConditionCheck
        {
            TableName = table,
            Key = DynamoValues.Item(Keys.Conversation(conversation), Keys.State),
            ConditionExpression = ConditionOf(LastSequence),
            ExpressionAttributeValues = ValuesOf(LastSequence),
        },
    };

    static string ConditionOf(long expected) => expected == 0 ? "attribute_not_exists(last_sequence) OR last_sequence = :expected" : "last_sequence = :expected";

    static Dictionary<string, AttributeValue> ValuesOf(long expected) => new() { [":expected"] = DynamoValues.Of(expected) };

    static string? Shortened(string? text)
    {
        if (text is null or { Length: <= PreviewLength })
        {
            return text is "" ? null : text;
        }

        var length = char.IsHighSurrogate(text[PreviewLength - 1]) ? PreviewLength - 1 : PreviewLength;
        return text[..length];
    }
}
