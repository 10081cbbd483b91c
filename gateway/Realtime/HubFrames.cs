using System.Text.Json.Serialization;
using EdTech.Contracts.Communication;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace EdTech.Gateway;

/// <summary>What a connection is told besides <see cref="FrameTypes"/>; each is a method of the client.</summary>
static class HubFrames
{
    /// <summary>The gateway ends this connection, with the code and the sentence of the reason.</summary>
    public const string Closing = "closing";

    /// <summary>Frames may have been lost: resume every conversation.</summary>
    public const string Resume = "resume";

    /// <summary>Frames do not come at all for now: resume every few seconds, until told <see cref="Resume"/>.</summary>
    public const string Degraded = "degraded";

    /// <summary>A frame that is written down once, however many connections get it.</summary>
    public static SerializedHubMessage Make(string method, params object[] arguments) => new(new InvocationMessage(method, arguments));

    public static SerializedHubMessage MakeClosing(string code, string message) => Make(Closing, new ClosingFrame(code, message));
}

/// <summary>Why the gateway ends a connection.</summary>
/// <param name="Code">Stable: <c>token.expired</c>, <c>session.revoked</c>, <c>connection.too_slow</c>, <c>connection.too_many</c>, <c>connection.too_fast</c>.</param>
/// <param name="Message">One sentence for people.</param>
sealed record ClosingFrame(string Code, string Message);

/// <summary>A message to a conversation.</summary>
sealed record SendRequest(Guid ConversationId, Guid MessageId, string? Text, Guid? ReplyTo = null, IReadOnlyList<Guid>? Mentions = null, IReadOnlyList<Attachment>? Attachments = null);

/// <summary>New text for an own message. The record's id is the client's own; a repeat carries the same.</summary>
sealed record EditRequest(Guid ConversationId, Guid RecordId, Guid MessageId, string? Text, IReadOnlyList<Guid>? Mentions = null);

/// <summary>A message is to be taken away.</summary>
sealed record DeleteRequest(Guid ConversationId, Guid RecordId, Guid MessageId);

/// <summary>An emoji is put to a message, or taken back.</summary>
sealed record ReactRequest(Guid ConversationId, Guid RecordId, Guid MessageId, string? Emoji, bool Removed = false);

/// <summary>Until when a renewed connection lives.</summary>
sealed record RenewedToken(DateTimeOffset ExpiresAt);

/// <summary>Whether somebody is connected.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="Status"><c>online</c>, <c>offline</c>, or <c>unknown</c> while the gateways cannot ask each other.</param>
sealed record PresenceView(Guid AccountId, string Status);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RealtimeFrame))]
[JsonSerializable(typeof(ClosingFrame))]
[JsonSerializable(typeof(SendRequest))]
[JsonSerializable(typeof(EditRequest))]
[JsonSerializable(typeof(DeleteRequest))]
[JsonSerializable(typeof(ReactRequest))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(EntryPage))]
[JsonSerializable(typeof(RenewedToken))]
[JsonSerializable(typeof(PresenceView[]))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(string))]
sealed partial class HubJson : JsonSerializerContext;
