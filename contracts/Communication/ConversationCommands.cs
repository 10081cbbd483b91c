namespace EdTech.Contracts.Communication;

/// <summary>
/// Opens a conversation between people. A direct one with the same person exists once: the reply names the one there is. Conversations of courses and
/// lessons are made by the platform. Replies <see cref="Done"/>.
/// </summary>
/// <param name="By">Its creator, a member and moderator.</param>
/// <param name="ConversationId">The new conversation.</param>
/// <param name="Kind"><see cref="ConversationKind.Direct"/> or <see cref="ConversationKind.Group"/>.</param>
/// <param name="Title">1 to 120 characters for a group, null for a direct one.</param>
/// <param name="MemberIds">The others: one, or up to 199.</param>
public sealed record OpenConversation(Actor By, Guid ConversationId, ConversationKind Kind, string? Title, IReadOnlyList<Guid> MemberIds) : ICommand;

/// <summary>A moderator names a group anew.</summary>
public sealed record RenameConversation(Actor By, Guid ConversationId, string Title) : ICommand;

/// <summary>A moderator adds somebody to a group.</summary>
public sealed record AddMember(Actor By, Guid ConversationId, Guid AccountId) : ICommand;

/// <summary>A moderator removes somebody from a group, or a member leaves.</summary>
public sealed record RemoveMember(Actor By, Guid ConversationId, Guid AccountId) : ICommand;

/// <summary>A member wants no notifications for a while; null ends it.</summary>
public sealed record MuteConversation(Actor By, Guid ConversationId, DateTimeOffset? Until) : ICommand;

/// <summary>From now on neither writes to the other directly.</summary>
public sealed record BlockPerson(Actor By, Guid AccountId) : ICommand;

/// <summary>Ends a block.</summary>
public sealed record UnblockPerson(Actor By, Guid AccountId) : ICommand;

/// <summary>A member tells moderators of a message. The message is kept as evidence as it is now, even if it is deleted afterwards.</summary>
/// <param name="By">The member.</param>
/// <param name="ReportId">The new report.</param>
/// <param name="ConversationId">Where.</param>
/// <param name="MessageId">What.</param>
/// <param name="Reason">1 to 500 characters.</param>
public sealed record ReportMessage(Actor By, Guid ReportId, Guid ConversationId, Guid MessageId, string Reason) : ICommand;

/// <summary>A moderator of the platform closes a report. Needs <c>chat.moderate</c>.</summary>
/// <param name="By">The moderator.</param>
/// <param name="ReportId">The report.</param>
/// <param name="Outcome">1 to 500 characters.</param>
public sealed record ResolveReport(Actor By, Guid ReportId, string Outcome) : ICommand;

/// <summary>The rest of the members that a conversation was opened with; the endpoint sends it to itself, a few members a message.</summary>
public sealed record AddMembers(Actor By, Guid ConversationId, IReadOnlyList<Guid> AccountIds) : ICommand;
