namespace EdTech.Contracts.Communication;

/// <summary>A conversation was opened.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Kind">What kind.</param>
/// <param name="SubjectId">The course or live lesson.</param>
/// <param name="CreatorId">Who opened it; null when the platform did.</param>
/// <param name="At">When, UTC.</param>
public sealed record ConversationCreated(Guid ConversationId, ConversationKind Kind, Guid? SubjectId, Guid? CreatorId, DateTimeOffset At) : IEvent;

/// <summary>Somebody is now a member.</summary>
public sealed record MemberJoined(Guid ConversationId, Guid AccountId, DateTimeOffset At) : IEvent;

/// <summary>Somebody is a member no longer, by whomever's will.</summary>
public sealed record MemberLeft(Guid ConversationId, Guid AccountId, DateTimeOffset At) : IEvent;

/// <summary>Somebody blocked somebody.</summary>
public sealed record PersonBlocked(Guid BlockerId, Guid BlockedId, DateTimeOffset At) : IEvent;

/// <summary>A block has ended.</summary>
public sealed record PersonUnblocked(Guid BlockerId, Guid BlockedId, DateTimeOffset At) : IEvent;

/// <summary>A message was reported to the moderators.</summary>
public sealed record MessageReported(Guid ReportId, Guid ConversationId, Guid MessageId, Guid ReporterId, DateTimeOffset At) : IEvent;

/// <summary>A report was closed.</summary>
public sealed record ReportResolved(Guid ReportId, Guid ConversationId, DateTimeOffset At) : IEvent;
