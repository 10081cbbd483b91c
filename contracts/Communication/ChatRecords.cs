namespace EdTech.Contracts.Communication;

/// <summary>
/// What happens in a conversation, in the order in which Kafka has it (<see cref="StreamTopics.ChatMessages"/>, keyed by conversation). A record is
/// written only by the gateway, which has checked its author; the worker gives each its sequence number. A message is accepted once its record is there.
/// </summary>
/// <param name="RecordId">Made by the client: a resend carries the same and changes nothing.</param>
/// <param name="ConversationId">The conversation.</param>
/// <param name="AuthorId">The member who did it.</param>
/// <param name="At">When the gateway took it, UTC.</param>
public abstract record ChatRecord(Guid RecordId, Guid ConversationId, Guid AuthorId, DateTimeOffset At) : IStreamRecord
{
    string IStreamRecord.Key => ConversationId.ToString();
}

/// <summary>A message. Its id is the record's.</summary>
/// <param name="RecordId">The message's id.</param>
/// <param name="ConversationId">The conversation.</param>
/// <param name="AuthorId">The author.</param>
/// <param name="At">When the gateway took it, UTC.</param>
/// <param name="Text">1 to 4,000 characters (Unicode scalar values), or empty when there are attachments.</param>
/// <param name="ReplyTo">The message it answers, or null.</param>
/// <param name="Mentions">Whom it is addressed to, at most 20. Who is no member of the conversation when it is stored is left out of its entry.</param>
/// <param name="Attachments">At most 10.</param>
[StreamRecord("edtech.chat.message.posted.v1")]
public sealed record MessagePosted(
    Guid RecordId, Guid ConversationId, Guid AuthorId, DateTimeOffset At,
    string Text, Guid? ReplyTo, IReadOnlyList<Guid> Mentions, IReadOnlyList<Attachment> Attachments)
    : ChatRecord(RecordId, ConversationId, AuthorId, At);

/// <summary>Its author replaced a message's text.</summary>
[StreamRecord("edtech.chat.message.edited.v1")]
public sealed record MessageEdited(Guid RecordId, Guid ConversationId, Guid AuthorId, DateTimeOffset At, Guid MessageId, string Text, IReadOnlyList<Guid> Mentions)
    : ChatRecord(RecordId, ConversationId, AuthorId, At);

/// <summary>Its author, or a moderator of the conversation, took a message away. Its text is removed from the store; the place in the order stays.</summary>
[StreamRecord("edtech.chat.message.deleted.v1")]
public sealed record MessageDeleted(Guid RecordId, Guid ConversationId, Guid AuthorId, DateTimeOffset At, Guid MessageId)
    : ChatRecord(RecordId, ConversationId, AuthorId, At);

/// <summary>A member put an emoji to a message, or took it back.</summary>
/// <param name="RecordId">Made by the client.</param>
/// <param name="ConversationId">The conversation.</param>
/// <param name="AuthorId">Whose reaction it is.</param>
/// <param name="At">When the gateway took it, UTC.</param>
/// <param name="MessageId">The message.</param>
/// <param name="Emoji">One emoji, 1 to 32 UTF-16 units.</param>
/// <param name="Removed">True when it was taken back.</param>
[StreamRecord("edtech.chat.message.reacted.v1")]
public sealed record MessageReacted(Guid RecordId, Guid ConversationId, Guid AuthorId, DateTimeOffset At, Guid MessageId, string Emoji, bool Removed)
    : ChatRecord(RecordId, ConversationId, AuthorId, At);

/// <summary>A member has read up to a place in the conversation (<see cref="StreamTopics.ChatReceipts"/>).</summary>
/// <param name="RecordId">Of this receipt.</param>
/// <param name="ConversationId">The conversation.</param>
/// <param name="MemberId">Who has read.</param>
/// <param name="At">When the gateway took it, UTC.</param>
/// <param name="Sequence">The last entry read. Never goes back, never beyond what is stored.</param>
[StreamRecord("edtech.chat.receipt.v1")]
public sealed record ReadReceipt(Guid RecordId, Guid ConversationId, Guid MemberId, DateTimeOffset At, long Sequence) : IStreamRecord
{
    string IStreamRecord.Key => ConversationId.ToString();
}

/// <summary>A reference to a file: its content is not the conversation's.</summary>
/// <param name="FileId">The file.</param>
/// <param name="Name">Shown, 1 to 200 characters.</param>
/// <param name="MediaType"><c>image/png</c>, at most 100 characters.</param>
/// <param name="Bytes">Its size, bytes.</param>
public sealed record Attachment(Guid FileId, string Name, string MediaType, long Bytes);
