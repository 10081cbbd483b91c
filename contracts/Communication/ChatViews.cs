namespace EdTech.Contracts.Communication;

/// <summary>What an entry of a conversation's log says.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<EntryKind>))]
public enum EntryKind
{
    /// <summary>A message.</summary>
    Posted,

    /// <summary>New text of an earlier message.</summary>
    Edited,

    /// <summary>An earlier message was taken away.</summary>
    Deleted,

    /// <summary>An emoji was put to an earlier message, or taken back.</summary>
    Reacted,
}

/// <summary>
/// One entry of a conversation's log, the same for every member. Sequences are 1, 2, 3, ... without a gap, so a client that has 7 and is given 9 knows
/// that 8 is missing and asks for it.
/// </summary>
/// <param name="Sequence">Its place in the conversation.</param>
/// <param name="Number">Messages up to here: for a message its own number. Unread messages are the conversation's messages minus the number where the member has read.</param>
/// <param name="Kind">What happened.</param>
/// <param name="RecordId">The record's id; a message's own id.</param>
/// <param name="AuthorId">Who did it.</param>
/// <param name="At">When, UTC.</param>
/// <param name="MessageId">The message concerned; a message's own id.</param>
/// <param name="Text">The text; null where there is none, of a message deleted since, and of an edit that a later one replaced.</param>
/// <param name="ReplyTo">The message it answers.</param>
/// <param name="Mentions">Whom it addresses.</param>
/// <param name="Attachments">Its files.</param>
/// <param name="Emoji">Of a reaction.</param>
/// <param name="Removed">Of a reaction taken back.</param>
public sealed record ChatEntry(
    long Sequence, long Number, EntryKind Kind, Guid RecordId, Guid AuthorId, DateTimeOffset At, Guid MessageId,
    string? Text = null, Guid? ReplyTo = null, IReadOnlyList<Guid>? Mentions = null, IReadOnlyList<Attachment>? Attachments = null, string? Emoji = null, bool Removed = false);

/// <summary>A message as it is now.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="Sequence">Its place in the log.</param>
/// <param name="Number">Its number among the messages.</param>
/// <param name="AuthorId">Its author.</param>
/// <param name="At">When it was posted, UTC.</param>
/// <param name="Text">Its text; null once deleted.</param>
/// <param name="ReplyTo">The message it answers.</param>
/// <param name="Mentions">Whom it addresses.</param>
/// <param name="Attachments">Its files.</param>
/// <param name="Reactions">By emoji.</param>
/// <param name="EditedAt">When its text was last replaced.</param>
/// <param name="DeletedAt">When it was taken away.</param>
public sealed record MessageView(
    Guid MessageId, long Sequence, long Number, Guid AuthorId, DateTimeOffset At, string? Text, Guid? ReplyTo,
    IReadOnlyList<Guid> Mentions, IReadOnlyList<Attachment> Attachments, IReadOnlyList<ReactionView> Reactions, DateTimeOffset? EditedAt, DateTimeOffset? DeletedAt);

/// <summary>One emoji and who put it.</summary>
/// <param name="Emoji">The emoji.</param>
/// <param name="Count">How many members.</param>
/// <param name="MemberIds">The first 20 of them.</param>
public sealed record ReactionView(string Emoji, int Count, IReadOnlyList<Guid> MemberIds);

/// <summary>Messages of a conversation, oldest first.</summary>
/// <param name="Messages">At most the asked number.</param>
/// <param name="LastSequence">The conversation's last entry when this was read: live entries up to it are in here, or older.</param>
/// <param name="HasOlder">Whether there are messages before the first.</param>
/// <param name="HasNewer">Whether there are messages after the last.</param>
public sealed record MessagePage(IReadOnlyList<MessageView> Messages, long LastSequence, bool HasOlder, bool HasNewer);

/// <summary>Entries after a sequence, for a client that comes back.</summary>
/// <param name="Entries">In order, without a gap.</param>
/// <param name="LastSequence">The conversation's last entry.</param>
/// <param name="More">Whether to ask again after the last of these.</param>
public sealed record EntryPage(IReadOnlyList<ChatEntry> Entries, long LastSequence, bool More);

/// <summary>A message that was accepted: Kafka has it.</summary>
/// <param name="MessageId">The message (or the change's record).</param>
public sealed record MessageAccepted(Guid MessageId);

/// <summary>What kind of conversation.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<ConversationKind>))]
public enum ConversationKind
{
    /// <summary>Two people; there is one per pair.</summary>
    Direct,

    /// <summary>Whom its creator and moderators add.</summary>
    Group,

    /// <summary>A course's tutor and its students; membership follows enrolment.</summary>
    Course,

    /// <summary>The participants of a live lesson.</summary>
    Lesson,
}

/// <summary>A conversation, as one member sees it.</summary>
/// <param name="ConversationId">Its id.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Title">Of a group, course or lesson; null for a direct one.</param>
/// <param name="SubjectId">The course or the live lesson.</param>
/// <param name="OtherId">Of a direct one: the other person.</param>
/// <param name="MemberCount">How many members.</param>
/// <param name="Moderator">Whether the caller may add, remove and delete.</param>
/// <param name="LastSequence">The last entry.</param>
/// <param name="MessageCount">Messages ever posted.</param>
/// <param name="ReadSequence">How far the caller has read.</param>
/// <param name="Unread">Messages after that.</param>
/// <param name="LastActivityAt">Last entry, or the creation, UTC.</param>
/// <param name="LastMessage">The last message's text, at most 140 characters; null when none or deleted.</param>
/// <param name="MutedUntil">The caller wants no notifications until then.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record ConversationView(
    Guid ConversationId, ConversationKind Kind, string? Title, Guid? SubjectId, Guid? OtherId, int MemberCount, bool Moderator,
    long LastSequence, long MessageCount, long ReadSequence, long Unread, DateTimeOffset LastActivityAt, string? LastMessage, DateTimeOffset? MutedUntil, DateTimeOffset CreatedAt);

/// <summary>One member of a conversation.</summary>
/// <param name="AccountId">The person.</param>
/// <param name="Moderator">Whether they may add, remove and delete.</param>
/// <param name="JoinedAt">Since when, UTC.</param>
/// <param name="ReadSequence">How far they have read.</param>
public sealed record MemberView(Guid AccountId, bool Moderator, DateTimeOffset JoinedAt, long ReadSequence);

/// <summary>What an account may do in a conversation: what the gateway asks before it takes a message.</summary>
/// <param name="Kind">What kind of conversation.</param>
/// <param name="Moderator">Whether the account moderates it.</param>
/// <param name="MayPost">False in a direct conversation once either has blocked the other.</param>
/// <param name="LastSequence">The last stored entry.</param>
public sealed record ConversationAccess(ConversationKind Kind, bool Moderator, bool MayPost, long LastSequence);

/// <summary>Unread messages of the caller.</summary>
/// <param name="Conversations">Conversations with something unread.</param>
/// <param name="Messages">Messages in all of them.</param>
public sealed record UnreadView(int Conversations, long Messages);

/// <summary>Messages that fit a search, newest first.</summary>
/// <param name="Messages">At most the asked number.</param>
/// <param name="Next">Cursor into older messages; null when all were searched.</param>
public sealed record MessageSearchPage(IReadOnlyList<MessageView> Messages, string? Next);

/// <summary>Somebody the caller has blocked.</summary>
/// <param name="AccountId">Whom.</param>
/// <param name="At">Since when, UTC.</param>
public sealed record BlockView(Guid AccountId, DateTimeOffset At);

/// <summary>A reported message, for the platform's moderators.</summary>
/// <param name="ReportId">The report.</param>
/// <param name="ConversationId">Where.</param>
/// <param name="MessageId">What.</param>
/// <param name="AuthorId">Who wrote it.</param>
/// <param name="ReporterId">Who reported it.</param>
/// <param name="Text">The message as it was then.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Outcome">What came of it; null while open.</param>
/// <param name="ClosedAt">When it was closed, UTC.</param>
public sealed record ReportView(
    Guid ReportId, Guid ConversationId, Guid MessageId, Guid AuthorId, Guid ReporterId, string? Text, string Reason, DateTimeOffset At, string? Outcome, DateTimeOffset? ClosedAt);
