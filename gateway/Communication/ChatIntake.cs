using System.Globalization;
using System.Text;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>
/// Takes what members say, whether by HTTP or by WebSocket: checks the author, then appends to Kafka. What it took is with all in-sync replicas; the
/// worker gives it its place. Null is yes. A repeat under the same record id is taken again and changes nothing.
/// </summary>
sealed class ChatIntake(IStreamProducer streams, ConversationAccesses accesses, LatestMessages latest, WorkerClient workers, TimeProvider time)
{
    /// <summary>Unicode scalar values of one message.</summary>
    public const int MaxText = 4_000;

    const int MaxMentions = 20;
    const int MaxAttachments = 10;
    const int MaxEmoji = 32;

    /// <summary>A message that another gateway took is stored within this time, unless the worker is behind.</summary>
    const int AsksForMessage = 4;
    static readonly TimeSpan BetweenAsks = TimeSpan.FromMilliseconds(250);

    /// <summary>The HTTP status of a refusal by this class.</summary>
    public static int StatusOf(Refused refused) => refused.Code == "message.too_long" ? StatusCodes.Status413PayloadTooLarge : refused.Kind.Status();

    public async Task<Refused?> Post(Actor by, Guid conversationId, ChatMessage message, CancellationToken ct)
        => WrongId(message.MessageId, "messageId") ?? WrongText(message.Text, message.Attachments is { Count: > 0 }) ?? WrongMentions(message.Mentions) ?? WrongAttachments(message.Attachments)
            ?? await MayPost(by, conversationId, ct)
            ?? (message.ReplyTo is { } answered ? await IsThere(by, conversationId, answered, ct) : null)
            ?? await Append(new MessagePosted(message.MessageId, conversationId, by.Id, time.GetUtcNow(), message.Text ?? "", message.ReplyTo, message.Mentions ?? [], message.Attachments ?? []), ct);

    public async Task<Refused?> Edit(Actor by, Guid conversationId, Guid recordId, Guid messageId, string? text, IReadOnlyList<Guid>? mentions, CancellationToken ct)
        => WrongId(recordId, "recordId") ?? WrongText(text, false) ?? WrongMentions(mentions)
            ?? await MayPost(by, conversationId, ct)
            ?? await MayChange(by, conversationId, messageId, moderator: false, ct)
            ?? await Append(new MessageEdited(recordId, conversationId, by.Id, time.GetUtcNow(), messageId, text!, mentions ?? []), ct);

    public async Task<Refused?> Delete(Actor by, Guid conversationId, Guid recordId, Guid messageId, CancellationToken ct)
    {
        if (WrongId(recordId, "recordId") is { } wrong) return wrong;
        var (access, refused) = await accesses.Of(by, conversationId, ct);
        refused ??= await MayChange(by, conversationId, messageId, access!.Moderator, ct);
        // Who deletes again, or did not hear the first answer, has what was wanted.
        if (refused == TakenAway) return null;
        return refused ?? await Append(new MessageDeleted(recordId, conversationId, by.Id, time.GetUtcNow(), messageId), ct);
    }

    public async Task<Refused?> React(Actor by, Guid conversationId, Guid recordId, Guid messageId, string? emoji, bool removed, CancellationToken ct)
        => WrongId(recordId, "recordId") ?? WrongId(messageId, "messageId") ?? WrongEmoji(emoji)
            ?? await MayPost(by, conversationId, ct)
            ?? await IsThere(by, conversationId, messageId, ct)
            ?? await Append(new MessageReacted(recordId, conversationId, by.Id, time.GetUtcNow(), messageId, emoji!, removed), ct);

    /// <summary>Nobody has read what is not there. What is known of the end may be half a minute old, so it is asked for again before this is said.</summary>
    public async Task<Refused?> Read(Actor by, Guid conversationId, long sequence, CancellationToken ct)
    {
        if (sequence < 1) return Field("sequence", "It must be the sequence of an entry, 1 or more.");
        var (access, refused) = await accesses.Of(by, conversationId, ct);
        if (access is not null && sequence > access.LastSequence) (access, refused) = await accesses.Now(by, conversationId, ct);
        if (refused is not null) return refused;
        if (sequence > access!.LastSequence)
        {
            return new(RefusalKind.Invalid, "receipt.ahead", string.Create(CultureInfo.InvariantCulture, $"The conversation's last entry is {access.LastSequence}."),
                new Dictionary<string, string>(StringComparer.Ordinal) { ["sequence"] = "Beyond the conversation's last entry." });
        }

        await streams.Produce(StreamTopics.ChatReceipts, new ReadReceipt(Guid.CreateVersion7(), conversationId, by.Id, time.GetUtcNow(), sequence), ct);
        return null;
    }

    async Task<Refused?> MayPost(Actor by, Guid conversationId, CancellationToken ct)
    {
        var (access, refused) = await accesses.Of(by, conversationId, ct);
        return refused ?? (access!.MayPost ? null : new Refused(RefusalKind.Forbidden, "conversation.blocked", "One of you has blocked the other: nothing can be sent here."));
    }

    /// <summary>Whether there is something to answer or to react to; the worker is asked about what is not among the latest.</summary>
    async Task<Refused?> IsThere(Actor by, Guid conversationId, Guid messageId, CancellationToken ct)
    {
        if (latest.Has(conversationId, messageId)) return null;
        var (message, refused) = await Find(by, conversationId, messageId, ct);
        return refused ?? (message!.DeletedAt is null ? null : TakenAway);
    }

    /// <summary>Who may change a message is the worker's to say, and this gateway's own of one that it took and that is not stored yet.</summary>
    async Task<Refused?> MayChange(Actor by, Guid conversationId, Guid messageId, bool moderator, CancellationToken ct)
    {
        var (message, refused) = await Find(by, conversationId, messageId, ct);
        if ((message?.AuthorId ?? latest.AuthorOf(conversationId, messageId)) is not { } author) return refused;
        if (author != by.Id && !moderator) return new(RefusalKind.Forbidden, "message.not_yours", "Only its author may change a message.");
        return message?.DeletedAt is null ? null : TakenAway;
    }

    /// <summary>A message as it is stored. One that is not among the latest may have been taken by another gateway a moment ago: it gets a second to be stored.</summary>
    async Task<(MessageView? Message, Refused? Refused)> Find(Actor by, Guid conversationId, Guid messageId, CancellationToken ct)
    {
        for (var asked = 1; ; asked++)
        {
            var answer = await workers.GetAsync(by, "communication", $"/internal/communication/conversations/{conversationId}/messages/{messageId}", ct);
            if (answer.Status == StatusCodes.Status200OK) return (JsonSerializer.Deserialize(answer.Body.Span, CommunicationJson.Web.MessageView)!, null);
            var refused = WorkerClient.Refusal(answer) ?? throw new HttpRequestException("The message could not be read.");
            if (refused.Code != "message.not_found" || asked == AsksForMessage || latest.Has(conversationId, messageId)) return (null, refused);
            await Task.Delay(BetweenAsks, time, ct);
        }
    }

    static Refused TakenAway => new(RefusalKind.Conflict, "message.deleted", "The message was taken away.");

    async Task<Refused?> Append<T>(T record, CancellationToken ct)
        where T : ChatRecord
    {
        await streams.Produce(StreamTopics.ChatMessages, record, ct);
        if (record is MessagePosted posted) latest.Take(posted);
        else if (record is MessageDeleted deleted) latest.Forget(deleted.ConversationId, deleted.MessageId);
        return null;
    }

    static Refused? WrongId(Guid id, string field) => id == Guid.Empty ? Field(field, "It must be a new UUID of the client's own; a repeat carries the same.") : null;

    static Refused? WrongText(string? text, bool mayBeEmpty)
    {
        if (string.IsNullOrWhiteSpace(text)) return mayBeEmpty && text is null or "" ? null : Field("text", "A message needs a text.");
        // At most two UTF-16 units make one scalar value: the length alone decides most cases.
        if (text.Length > 2 * MaxText || (text.Length > MaxText && text.EnumerateRunes().Count() > MaxText))
        {
            return new(RefusalKind.Invalid, "message.too_long", string.Create(CultureInfo.InvariantCulture, $"A message has at most {MaxText} characters."),
                new Dictionary<string, string>(StringComparer.Ordinal) { ["text"] = string.Create(CultureInfo.InvariantCulture, $"At most {MaxText} characters.") });
        }

        return text.Contains('\0', StringComparison.Ordinal) || IsTorn(text) ? Field("text", "It must be well-formed text.") : null;
    }

    static Refused? WrongMentions(IReadOnlyList<Guid>? mentions)
        => mentions is { Count: > MaxMentions } ? Field("mentions", "At most 20 people.") : null;

    static Refused? WrongAttachments(IReadOnlyList<Attachment>? attachments)
    {
        if (attachments is null) return null;
        if (attachments.Count > MaxAttachments) return Field("attachments", "At most 10 files.");
        return attachments.Any(a => a is null || a.FileId == Guid.Empty || a.Name is not { Length: > 0 and <= 200 } || a.MediaType is not { Length: > 0 and <= 100 } || a.Bytes < 0)
            ? Field("attachments", "Each needs a file id, a name of 1 to 200 characters, a media type of at most 100, and its size.")
            : null;
    }

    static Refused? WrongEmoji(string? emoji)
        => emoji is not { Length: > 0 and <= MaxEmoji } || IsTorn(emoji) || StringInfo.GetNextTextElementLength(emoji) != emoji.Length || !emoji.EnumerateRunes().Any(IsPicture)
            ? Field("emoji", "It must be one emoji.")
            : null;

    /// <summary>Symbols, flags' letters among them, and the key of keycaps.</summary>
    static bool IsPicture(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol || rune.Value is 0x20E3 or 0x203C or 0x2049;

    /// <summary>Half of a surrogate pair, which no encoding can carry.</summary>
    static bool IsTorn(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return true;
            i++;
        }

        return false;
    }

    static Refused Field(string name, string reason)
        => new(RefusalKind.Invalid, "request.invalid", $"{name}: {reason}", new Dictionary<string, string>(StringComparer.Ordinal) { [name] = reason });
}

/// <summary>A message as a client sends it.</summary>
/// <param name="MessageId">Made by the client.</param>
/// <param name="Text">At most <see cref="ChatIntake.MaxText"/> characters; may be absent beside attachments.</param>
/// <param name="ReplyTo">The message it answers.</param>
/// <param name="Mentions">At most 20.</param>
/// <param name="Attachments">At most 10.</param>
sealed record ChatMessage(Guid MessageId, string? Text, Guid? ReplyTo = null, IReadOnlyList<Guid>? Mentions = null, IReadOnlyList<Attachment>? Attachments = null);
