namespace EdTech.Contracts.Communication;

/// <summary>
/// What workers and gateways tell the gateways' WebSockets through Redis publish/subscribe. Lossy on purpose: whoever misses a frame notices the gap
/// in the sequence, or is told to resume, and reads the log.
/// </summary>
/// <param name="Type">One of <see cref="FrameTypes"/>.</param>
/// <param name="ConversationId">The conversation concerned, or null.</param>
/// <param name="AccountId">The person concerned (typing, presence, reading, joining, leaving), or null.</param>
/// <param name="Entries">New entries, in order (<see cref="FrameTypes.Entries"/>).</param>
/// <param name="Sequence">How far <paramref name="AccountId"/> has read (<see cref="FrameTypes.Read"/>).</param>
/// <param name="SessionId">The live lesson concerned.</param>
/// <param name="Detail">What else there is to say, by type: <c>online</c>, <c>offline</c>, a session's status.</param>
public sealed record RealtimeFrame(
    string Type, Guid? ConversationId = null, Guid? AccountId = null, IReadOnlyList<ChatEntry>? Entries = null, long? Sequence = null, Guid? SessionId = null, string? Detail = null);

/// <summary>The types of <see cref="RealtimeFrame"/>, and of the hub's client methods, which have the same names.</summary>
public static class FrameTypes
{
    /// <summary>New entries of a conversation.</summary>
    public const string Entries = "entries";

    /// <summary>A member has read on.</summary>
    public const string Read = "read";

    /// <summary>A member is typing.</summary>
    public const string Typing = "typing";

    /// <summary>A person came or went.</summary>
    public const string Presence = "presence";

    /// <summary>The account of the channel is now a member of the conversation.</summary>
    public const string Joined = "joined";

    /// <summary>The account of the channel is a member no longer.</summary>
    public const string Left = "left";

    /// <summary>Something of a live lesson changed: read it again.</summary>
    public const string Session = "session";
}

/// <summary>The Redis channels, without the installation's prefix.</summary>
public static class RealtimeChannels
{
    /// <summary>For all members of a conversation.</summary>
    public static string Conversation(Guid conversationId) => $"rt:c:{conversationId}";

    /// <summary>For all connections of a person.</summary>
    public static string Account(Guid accountId) => $"rt:a:{accountId}";

    /// <summary>A person's coming and going.</summary>
    public static string Presence(Guid accountId) => $"rt:p:{accountId}";
}
