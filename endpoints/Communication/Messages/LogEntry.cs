using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>An entry of the log as an item: <c>kind, number, record_id, author_id, at, message_id, text, reply_to, mentions, attachments (JSON), emoji, removed</c>.</summary>
static class LogEntry
{
    public static Dictionary<string, AttributeValue> Item(Guid conversation, ChatEntry entry)
    {
        var item = DynamoValues.Item(Keys.Conversation(conversation), Keys.Entry(entry.Sequence))
            .With("kind", entry.Kind.ToString())
            .With("number", entry.Number)
            .With("record_id", entry.RecordId)
            .With("author_id", entry.AuthorId)
            .With("at", entry.At)
            .With("message_id", entry.MessageId)
            .With("text", entry.Text is "" ? null : entry.Text)
            .With("reply_to", entry.ReplyTo)
            .With("emoji", entry.Emoji)
            .With("removed", entry.Removed);
        if (entry.Mentions is { Count: > 0 } mentions)
        {
            item.With("mentions", DynamoValues.Of(mentions));
        }

        if (entry.Attachments is { Count: > 0 } attachments)
        {
            item.With("attachments", JsonSerializer.Serialize([.. attachments], AttachmentsJson.Default.AttachmentArray));
        }

        return item;
    }

    public static ChatEntry Of(Dictionary<string, AttributeValue> item) => new(
        Sequence(item),
        item.Number("number"),
        Enum.Parse<EntryKind>(item["kind"].S),
        item.Id("record_id"),
        item.Id("author_id"),
        item.Time("at"),
        item.Id("message_id"),
        item.Text("text") ?? (item.ContainsKey("attachments") ? "" : null),
        item.IdOrNull("reply_to"),
        item.ContainsKey("mentions") ? item.Ids("mentions") : null,
        item.Text("attachments") is { } json ? JsonSerializer.Deserialize(json, AttachmentsJson.Default.AttachmentArray) : null,
        item.Text("emoji"),
        item.Flag("removed"));

    public static long Sequence(Dictionary<string, AttributeValue> item) => long.Parse(item["sk"].S.AsSpan(Keys.EntryPrefix.Length), System.Globalization.CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Attachment[]))]
sealed partial class AttachmentsJson : JsonSerializerContext;
