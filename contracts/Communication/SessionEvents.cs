namespace EdTech.Contracts.Communication;

/// <summary>A live lesson was planned.</summary>
public sealed record SessionScheduled(Guid SessionId, Guid TutorId, IReadOnlyList<Guid> StudentIds, Guid? CourseId, DateTimeOffset StartsAt, int Minutes, DateTimeOffset At) : IEvent;

/// <summary>A live lesson was called off.</summary>
public sealed record SessionCancelled(Guid SessionId, Guid TutorId, DateTimeOffset At) : IEvent;

/// <summary>Tutor and at least one student are there.</summary>
public sealed record SessionStarted(Guid SessionId, Guid TutorId, DateTimeOffset At) : IEvent;

/// <summary>A live lesson is over.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="TutorId">Its tutor.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Attendance">Who was there for how long.</param>
/// <param name="At">When, UTC.</param>
public sealed record SessionEnded(Guid SessionId, Guid TutorId, SessionOutcome Outcome, IReadOnlyList<Attendance> Attendance, DateTimeOffset At) : IEvent;

/// <summary>A recording can be fetched.</summary>
/// <param name="RecordingId">The recording.</param>
/// <param name="SessionId">Of which session.</param>
/// <param name="Files">Names of its files in the recordings' bucket.</param>
/// <param name="Seconds">How long it is.</param>
/// <param name="ParticipantIds">Who was recorded, and may watch it.</param>
/// <param name="At">When, UTC.</param>
public sealed record RecordingReady(Guid RecordingId, Guid SessionId, IReadOnlyList<string> Files, int Seconds, IReadOnlyList<Guid> ParticipantIds, DateTimeOffset At) : IEvent;

/// <summary>A recording was lost: it never started, or was not uploaded.</summary>
public sealed record RecordingFailed(Guid RecordingId, Guid SessionId, string Code, DateTimeOffset At) : IEvent;
