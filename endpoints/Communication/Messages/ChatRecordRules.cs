using System.Globalization;
using EdTech.Contracts.Communication;

namespace EdTech.Communication;

/// <summary>
/// The shape that the gateway gives every record before it goes to Kafka. Checked again here, because a record of another shape would be shown to
/// everybody in the conversation for good.
/// </summary>
static class ChatRecordRules
{
    public const int MaxMentions = 20;
    const int MaxText = 4_000;
    const int MaxAttachments = 10;

    /// <summary>Why no rule lets this record in, or null.</summary>
    public static string? Fault(ChatRecord record) => record switch
    {
        { RecordId: var id, ConversationId: var conversation, AuthorId: var author } when id == Guid.Empty || conversation == Guid.Empty || author == Guid.Empty => "It has an empty id.",
        MessagePosted { Attachments.Count: > MaxAttachments } => $"It has more than {MaxAttachments} attachments.",
        MessagePosted { Attachments: { Count: > 0 } attachments } when attachments.Any(a => a is null || a.Name is not { Length: >= 1 and <= 200 } || a.MediaType is not { Length: >= 1 and <= 100 } || a.Bytes < 0) => "One of its attachments has no name or media type, or too long a one.",
        MessagePosted { Mentions.Count: > MaxMentions } or MessageEdited { Mentions.Count: > MaxMentions } => $"It mentions more than {MaxMentions} members.",
        MessagePosted { Text.Length: 0, Attachments.Count: 0 } or MessageEdited { Text.Length: 0 } => "It has no text.",
        MessagePosted { Text: var text } when TooLong(text) => TextFault,
        MessageEdited { Text: var text } when TooLong(text) => TextFault,
        MessageReacted { Emoji: var emoji } when emoji is not { Length: >= 1 and <= 32 } || new StringInfo(emoji).LengthInTextElements != 1 => "Its emoji is not one of at most 32 UTF-16 units.",
        _ => null,
    };

    static string TextFault => $"Its text has more than {MaxText.ToString(CultureInfo.InvariantCulture)} characters.";

    static bool TooLong(string text) => text.Length > MaxText && text.EnumerateRunes().Count() > MaxText;
}
