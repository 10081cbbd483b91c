namespace EdTech.Contracts.Communication;

/// <summary>Where a live lesson is in its life.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<SessionStatus>))]
public enum SessionStatus
{
    /// <summary>Planned.</summary>
    Scheduled,

    /// <summary>The room is open, the lesson has not begun.</summary>
    Open,

    /// <summary>Tutor and a student met.</summary>
    Running,

    /// <summary>Over.</summary>
    Ended,

    /// <summary>Called off.</summary>
    Cancelled,
}

/// <summary>How a live lesson ended.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<SessionOutcome>))]
public enum SessionOutcome
{
    /// <summary>Tutor and at least one student met.</summary>
    Held,

    /// <summary>The tutor was there, no student came.</summary>
    StudentNoShow,

    /// <summary>The tutor did not come.</summary>
    TutorNoShow,
}

/// <summary>How long somebody was there.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="FirstJoinedAt">Null for who never came.</param>
/// <param name="LastLeftAt">Null while there.</param>
/// <param name="Seconds">Time in the room, absences not counted.</param>
public sealed record Attendance(Guid AccountId, DateTimeOffset? FirstJoinedAt, DateTimeOffset? LastLeftAt, int Seconds);

/// <summary>What a participant joins with: Agora's tokens for this channel, role and person (AccessToken2), to be renewed before they expire.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="AppId">Agora's application.</param>
/// <param name="Channel">Agora's channel.</param>
/// <param name="Uid">The person's number in the channel.</param>
/// <param name="ScreenUid">The number of their screen; null while not granted.</param>
/// <param name="RtcToken">For audio and video.</param>
/// <param name="RtmToken">For signalling.</param>
/// <param name="ScreenToken">To publish the screen; null while not granted.</param>
/// <param name="ExpiresAt">When the tokens end, UTC.</param>
public sealed record SessionTicket(Guid SessionId, string AppId, string Channel, uint Uid, uint? ScreenUid, string RtcToken, string RtmToken, string? ScreenToken, DateTimeOffset ExpiresAt);

/// <summary>A live lesson, for its participants.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="ConversationId">Its chat.</param>
/// <param name="Title">Its title.</param>
/// <param name="CourseId">The course it belongs to.</param>
/// <param name="TutorId">Who teaches.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="StartsAt">Planned start, UTC.</param>
/// <param name="Minutes">Planned length.</param>
/// <param name="Participants">Tutor and students.</param>
/// <param name="Recording">The recording that runs, or ran last.</param>
/// <param name="Version">Changes with every change.</param>
public sealed record LessonSessionView(
    Guid SessionId, Guid ConversationId, string Title, Guid? CourseId, Guid TutorId, SessionStatus Status, SessionOutcome? Outcome,
    DateTimeOffset StartsAt, int Minutes, IReadOnlyList<ParticipantView> Participants, RecordingView? Recording, long Version);

/// <summary>One participant.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="Present">In the room now.</param>
/// <param name="HandRaised">Wants to speak.</param>
/// <param name="MayShareScreen">May share the screen.</param>
/// <param name="ConsentsToRecording">Agreed to be recorded; null when not yet asked.</param>
/// <param name="Seconds">Time in the room so far.</param>
public sealed record ParticipantView(Guid AccountId, bool Present, bool HandRaised, bool MayShareScreen, bool? ConsentsToRecording, int Seconds);

/// <summary>Where a recording is in its life.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<RecordingStatus>))]
public enum RecordingStatus
{
    /// <summary>Ordered.</summary>
    Starting,

    /// <summary>Running.</summary>
    Recording,

    /// <summary>Stopped, being uploaded.</summary>
    Uploading,

    /// <summary>Its files are there.</summary>
    Ready,

    /// <summary>Lost.</summary>
    Failed,
}

/// <summary>A recording of a live lesson.</summary>
/// <param name="RecordingId">Its id.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="StartedAt">Since when it runs, UTC.</param>
/// <param name="Seconds">Its length, once known.</param>
/// <param name="Files">Names of its files in the recordings' bucket.</param>
public sealed record RecordingView(Guid RecordingId, RecordingStatus Status, DateTimeOffset? StartedAt, int? Seconds, IReadOnlyList<string> Files);
