namespace EdTech.Contracts.Communication;

/// <summary>Plans a live lesson. Its conversation is made with it. Replies <see cref="Done"/>.</summary>
/// <param name="By">The tutor.</param>
/// <param name="SessionId">The new session.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="CourseId">The course it belongs to, or null.</param>
/// <param name="StartsAt">When it begins, UTC; not in the past.</param>
/// <param name="Minutes">How long it is planned for, 5 to 480.</param>
/// <param name="StudentIds">Who may come, 1 to 50.</param>
public sealed record ScheduleSession(Actor By, Guid SessionId, string Title, Guid? CourseId, DateTimeOffset StartsAt, int Minutes, IReadOnlyList<Guid> StudentIds) : ICommand;

/// <summary>The tutor calls a planned session off.</summary>
public sealed record CancelSession(Actor By, Guid SessionId, string Reason) : ICommand;

/// <summary>The tutor opens the room, from 15 minutes before the start. From then on participants may join.</summary>
public sealed record OpenSession(Actor By, Guid SessionId) : ICommand;

/// <summary>A participant enters; replies <see cref="SessionTicket"/>. Coming back after leaving is the same command.</summary>
public sealed record JoinSession(Actor By, Guid SessionId) : ICommand;

/// <summary>A participant leaves.</summary>
public sealed record LeaveSession(Actor By, Guid SessionId) : ICommand;

/// <summary>The tutor ends it for all. It ends by itself some time after its planned end.</summary>
public sealed record EndSession(Actor By, Guid SessionId) : ICommand;

/// <summary>The tutor lets a participant share the screen, or takes that back. One at a time besides the tutor.</summary>
public sealed record GrantScreenShare(Actor By, Guid SessionId, Guid AccountId, bool Granted) : ICommand;

/// <summary>The tutor removes a student, who cannot come back to this lesson.</summary>
public sealed record RemoveFromSession(Actor By, Guid SessionId, Guid AccountId) : ICommand;

/// <summary>A participant raises or lowers the hand.</summary>
public sealed record RaiseHand(Actor By, Guid SessionId, bool Raised) : ICommand;

/// <summary>A participant agrees to be recorded, or takes that back: taking it back stops a running recording.</summary>
public sealed record ConsentToRecording(Actor By, Guid SessionId, bool Agreed) : ICommand;

/// <summary>The tutor starts the recording. Refused until everybody present has agreed.</summary>
/// <param name="By">The tutor.</param>
/// <param name="SessionId">The session.</param>
/// <param name="RecordingId">The new recording.</param>
public sealed record StartRecording(Actor By, Guid SessionId, Guid RecordingId) : ICommand;

/// <summary>The tutor stops the recording; it is uploaded, and <see cref="RecordingReady"/> follows.</summary>
public sealed record StopRecording(Actor By, Guid SessionId, Guid RecordingId) : ICommand;
