using EdTech.Contracts.Communication;
using Microsoft.Extensions.Configuration;

namespace EdTech.Communication;

/// <summary>A participant of a live lesson.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="Uid">Their number in Agora's channel.</param>
sealed record Participant(Guid AccountId, uint Uid)
{
    public Stays Stays { get; init; } = Stays.None;

    public bool HandRaised { get; init; }

    /// <summary>How often the screen was granted. Each grant has a number of its own in the channel, so that a revoked one can stay locked out.</summary>
    public uint ScreenGrants { get; init; }

    public bool MayShareScreen { get; init; }

    /// <summary>Null until they have said.</summary>
    public bool? Consents { get; init; }

    public bool Removed { get; init; }

    public bool Present => Stays.Since is not null;

    public uint? ScreenUid => MayShareScreen ? AgoraUids.Screen(Uid, ScreenGrants) : null;
}

/// <summary>One recording of a live lesson.</summary>
/// <param name="Id">The recording.</param>
/// <param name="Uid">The recorder's number in Agora's channel.</param>
/// <param name="OrderedAt">When the tutor ordered it.</param>
sealed record Recording(Guid Id, uint Uid, DateTimeOffset OrderedAt)
{
    public const string NotUploaded = "recording.not_uploaded";

    public RecordingStatus Status { get; init; } = RecordingStatus.Starting;

    /// <summary>Agora's permission to start one recorder. Kept before the start, so that a repeated start is the same start.</summary>
    public string? ResourceId { get; init; }

    /// <summary>Agora's id of the recorder.</summary>
    public string? Sid { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Since when it has to end.</summary>
    public DateTimeOffset? StopAt { get; init; }

    /// <summary>Agora has confirmed the end, or knows of no such recorder.</summary>
    public bool Stopped { get; init; }

    public int? Seconds { get; init; }

    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Who was there while it ran.</summary>
    public IReadOnlyList<Guid> People { get; init; } = [];

    public string? Code { get; init; }

    /// <summary>It may be taking somebody's picture: until Agora has confirmed its end.</summary>
    public bool Live => Status is RecordingStatus.Starting or RecordingStatus.Recording || (Sid is not null && !Stopped);

    public bool Settled => Status is RecordingStatus.Ready or RecordingStatus.Failed;

    /// <summary>There is something left to do at Agora, be it to stop a recorder that was given up and runs after all.</summary>
    public bool NeedsCare => !Settled || (Sid is not null && !Stopped);

    /// <summary>What an outcome makes of it; itself where the outcome is old news.</summary>
    public Recording After(RecorderOutcome outcome, DateTimeOffset now) => outcome switch
    {
        RecorderOutcome.Acquired got when Status == RecordingStatus.Starting && ResourceId is null => this with { ResourceId = got.ResourceId },
        RecorderOutcome.Expired old when Status == RecordingStatus.Starting && Sid is null && ResourceId == old.ResourceId => this with { ResourceId = null },
        RecorderOutcome.Begun begun when Status == RecordingStatus.Starting
            => this with { Sid = begun.Sid, StartedAt = begun.At, Status = StopAt is null ? RecordingStatus.Recording : RecordingStatus.Uploading },
        RecorderOutcome.Begun begun when Status == RecordingStatus.Failed && Sid is null => this with { Sid = begun.Sid, StartedAt = begun.At },
        RecorderOutcome.StopWanted when Status == RecordingStatus.Recording => this with { Status = RecordingStatus.Uploading, StopAt = StopAt ?? now },
        RecorderOutcome.Exited exited when Status == RecordingStatus.Recording => this with { Status = RecordingStatus.Uploading, StopAt = exited.At, Stopped = true },
        RecorderOutcome.StopDone { Uploaded: true, Files.Count: > 0 } done when Status == RecordingStatus.Uploading => Done(done.Files, now),
        RecorderOutcome.StopDone when !Stopped && Sid is not null => this with { Stopped = true },
        RecorderOutcome.UploadDone done when done.Files.Count > 0 && (!Settled || Code == NotUploaded) => Done(done.Files, now) with { Sid = done.Sid },
        RecorderOutcome.Lost lost when !Settled => this with { Status = RecordingStatus.Failed, Code = lost.Code, StopAt = StopAt ?? now },
        _ => this,
    };

    Recording Done(IReadOnlyList<string> files, DateTimeOffset now)
        => this with { Status = RecordingStatus.Ready, Files = files, Stopped = true, Code = null, StopAt = StopAt ?? now, Seconds = StartedAt is { } from ? Math.Max(0, (int)((StopAt ?? now) - from).TotalSeconds) : 0 };
}

/// <summary>How long is waited after the planned start and end: <c>EDTECH_LESSON_NO_SHOW_MINUTES</c>, 15, and <c>EDTECH_LESSON_OVERTIME_MINUTES</c>, 30.</summary>
sealed record LessonTimes(TimeSpan NoShow, TimeSpan Overtime)
{
    public static LessonTimes From(IConfiguration configuration)
        => new(TimeSpan.FromMinutes(configuration.GetValue("EDTECH_LESSON_NO_SHOW_MINUTES", 15.0)), TimeSpan.FromMinutes(configuration.GetValue("EDTECH_LESSON_OVERTIME_MINUTES", 30.0)));
}

/// <summary>Numbers in Agora's channel: participants 1 to 51, recorders from 900,001, screens from 1,000,001.</summary>
static class AgoraUids
{
    const uint Recorders = 900_000;
    const uint Screens = 1_000_000;
    const uint ScreensEach = 1_000;

    public static uint Recorder(int number) => Recorders + (uint)number;

    public static uint Screen(uint uid, uint grant) => Screens + (uid * ScreensEach) + (grant % ScreensEach);
}

/// <summary>A live lesson as it is stored, and what its rules make of what happens. The first participant is the tutor.</summary>
sealed record Session(Guid Id, string Title, Guid? CourseId, DateTimeOffset StartsAt, int Minutes, IReadOnlyList<Participant> People)
{
    public const int MaxRecordings = 10;

    /// <summary>How long before its start the room can be opened.</summary>
    public static readonly TimeSpan OpensBefore = TimeSpan.FromMinutes(15);

    /// <summary>Until when the others are waited for.</summary>
    public required DateTimeOffset NoShowAt { get; init; }

    /// <summary>When it is over at the latest.</summary>
    public required DateTimeOffset LastEnd { get; init; }

    public SessionStatus Status { get; init; }

    public SessionOutcome? Outcome { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? CancelReason { get; init; }

    public IReadOnlyList<Recording> Recordings { get; init; } = [];

    /// <summary>Of the stored item; not part of the document.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Version { get; init; }

    public Guid TutorId => People[0].AccountId;

    public bool IsOpen => Status is SessionStatus.Open or SessionStatus.Running;

    /// <summary>Agora's channel.</summary>
    public string Channel => Id.ToString();

    public Recording? LiveRecording => Recordings.FirstOrDefault(r => r.Live);

    public Participant? Find(Guid account) => People.FirstOrDefault(p => p.AccountId == account);

    public Participant? Find(uint uid) => People.FirstOrDefault(p => p.Uid == uid);

    public Recording? Recording(Guid id) => Recordings.FirstOrDefault(r => r.Id == id);

    public Session With(Participant changed) => this with { People = [.. People.Select(p => p.AccountId == changed.AccountId ? changed : p)] };

    public Session With(Recording changed) => this with { Recordings = [.. Recordings.Select(r => r.Id == changed.Id ? changed : r)] };

    /// <summary>What the evidence about one person now says. Tutor and a student at once make the lesson run; whoever is seen by a recording is named by it.</summary>
    public Session Seen(Guid account, Stays stays)
    {
        var person = Find(account)!;
        var session = With(person with { Stays = stays, HandRaised = person.HandRaised && stays.Since is not null });
        if (session.Status == SessionStatus.Open && session.People[0].Present && session.People.Skip(1).Any(p => p.Present))
            session = session with { Status = SessionStatus.Running };
        return session.Find(account)!.Present && session.LiveRecording is { } recording && !recording.People.Contains(account)
            ? session.With(recording with { People = [.. recording.People, account] })
            : session;
    }

    /// <summary>Over: open stays end, and so does what records.</summary>
    public Session End(DateTimeOffset at)
    {
        var ended = this with
        {
            EndedAt = at,
            Outcome = Status == SessionStatus.Running ? SessionOutcome.Held : People[0].Stays.FirstJoinedAt is null ? SessionOutcome.TutorNoShow : SessionOutcome.StudentNoShow,
            Status = SessionStatus.Ended,
            People = [.. People.Select(p => p with { Stays = p.Stays.EndedAt(at), HandRaised = false, MayShareScreen = false })],
        };
        return ended.StopRecording(at);
    }

    /// <summary>What records has to end. Where it has not begun, the start that may be under way is ended as soon as it is known.</summary>
    public Session StopRecording(DateTimeOffset at)
        => LiveRecording is { } live
            ? With(live with { StopAt = live.StopAt ?? at, Status = live.Status == RecordingStatus.Recording ? RecordingStatus.Uploading : live.Status })
            : this;

    public IReadOnlyList<Attendance> AttendanceAt(DateTimeOffset now)
        => [.. People.Select(p => new Attendance(p.AccountId, p.Stays.FirstJoinedAt, p.Present ? null : p.Stays.LastLeftAt, p.Stays.SecondsAt(now)))];

    public LessonSessionView View(DateTimeOffset now, Guid viewer) => new(
        Id, Id, Title, CourseId, TutorId, Status, Outcome, StartsAt, Minutes,
        [.. People.Select(p => new ParticipantView(p.AccountId, p.Present, p.HandRaised, p.AccountId == TutorId || p.MayShareScreen, p.Consents, p.Stays.SecondsAt(now)))],
        Recordings.Count == 0 ? null : View(Recordings[^1], viewer),
        Version);

    /// <summary>A recording as one participant sees it: its files are for the tutor and for whoever was there.</summary>
    public RecordingView View(Recording recording, Guid viewer) => new(
        recording.Id, recording.Status, recording.StartedAt, recording.Seconds,
        viewer == TutorId || recording.People.Contains(viewer) ? recording.Files : []);
}
