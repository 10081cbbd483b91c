using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace EdTech.Communication;

/// <summary>Local: look after a recording: make the one call to Agora that its state asks for. It may run at any time, any number of times.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="RecordingId">The recording.</param>
/// <param name="Clock">Comes again until the recording is settled, so that no lost answer and no crash leaves a recorder alone.</param>
sealed record TendRecorder(Guid SessionId, Guid RecordingId, bool Clock);

/// <summary>How often and how long a recording is looked after: <c>EDTECH_RECORDER_SECONDS</c>, 15, and <c>EDTECH_RECORDER_PATIENCE_SECONDS</c>, 120.</summary>
/// <param name="Pause">Between two looks.</param>
/// <param name="Start">How long a start may stay without an answer.</param>
/// <param name="Upload">How long the files may take.</param>
sealed record RecorderClock(TimeSpan Pause, TimeSpan Start, TimeSpan Upload)
{
    public static RecorderClock From(IConfiguration configuration) => new(
        TimeSpan.FromSeconds(configuration.GetValue("EDTECH_RECORDER_SECONDS", 15.0)),
        TimeSpan.FromSeconds(configuration.GetValue("EDTECH_RECORDER_PATIENCE_SECONDS", 120.0)),
        TimeSpan.FromMinutes(configuration.GetValue("EDTECH_RECORDER_UPLOAD_MINUTES", 60.0)));
}

sealed class TendRecorderHandler(AgoraApi agora, AgoraSettings settings, DynamoTable table, RecorderClock clock, ILogger<TendRecorderHandler> log) : IHandleOutsideCalls<TendRecorder>
{
    public async Task Handle(TendRecorder call, IMessageHandlerContext context)
    {
        if (await table.FindSession(call.SessionId, context.CancellationToken) is not { } session || session.Recording(call.RecordingId) is not { NeedsCare: true } recording)
            return;
        try
        {
            if (await Next(session, recording, call.Clock, context) is { } outcome)
                await context.SendLocal(new RecordRecorder(session.Id, recording.Id, outcome));
        }
        catch (AgoraUnavailableException e)
        {
            log.LogWarning("Recording {RecordingId} ({Status}) is looked after again in {Seconds} s: {Reason}", recording.Id, recording.Status, clock.Pause.TotalSeconds, e.Message);
        }

        if (call.Clock)
            await context.SendLocal(call, new SendOptions(Delay: clock.Pause));
    }

    Task<RecorderOutcome?> Next(Session session, Recording recording, bool stroke, IMessageHandlerContext context) => recording switch
    {
        { Sid: { } sid, Stopped: false, Status: not RecordingStatus.Recording } => Stop(session, recording, sid, context.CancellationToken),
        { Status: RecordingStatus.Starting, ResourceId: null, StopAt: not null } => Outcome(new RecorderOutcome.Lost("recording.stopped_before_start")),
        { Status: RecordingStatus.Starting, StopAt: not null } => LockOut(session, recording, "recording.stopped_before_start", context),
        { Status: RecordingStatus.Starting, ResourceId: null } when context.Now - recording.OrderedAt > clock.Start => Outcome(new RecorderOutcome.Lost("recording.not_started")),
        { Status: RecordingStatus.Starting } when context.Now - recording.OrderedAt > clock.Start => LockOut(session, recording, "recording.not_started", context),
        { Status: RecordingStatus.Starting, ResourceId: null } => Acquire(session, recording, context.CancellationToken),
        { Status: RecordingStatus.Starting, ResourceId: { } resource } => Start(session, recording, resource, context),
        { Status: RecordingStatus.Recording } when !session.IsOpen => Outcome(new RecorderOutcome.StopWanted()),
        { Status: RecordingStatus.Recording, ResourceId: { } resource, Sid: { } sid } when stroke => Query(resource, sid, context),
        { Status: RecordingStatus.Uploading, StopAt: { } since } when context.Now - since > clock.Upload => Outcome(new RecorderOutcome.Lost(Recording.NotUploaded)),
        _ => Task.FromResult<RecorderOutcome?>(null), // Agora's webhooks tell of the files.
    };

    async Task<RecorderOutcome?> Acquire(Session session, Recording recording, CancellationToken ct)
    {
        try
        {
            return new RecorderOutcome.Acquired(await agora.Acquire(session.Channel, recording.Uid, ct));
        }
        catch (AgoraRefusalException refusal)
        {
            return Refused(recording, refusal);
        }
    }

    async Task<RecorderOutcome?> Start(Session session, Recording recording, string resource, IMessageHandlerContext context)
    {
        try
        {
            return new RecorderOutcome.Begun(await agora.Start(session.Channel, recording.Uid, resource, Tickets.ForRecorder(session, recording, settings, context.Now), context.CancellationToken), context.Now);
        }
        catch (AgoraRefusalException refusal) when (refusal.IsRunning)
        {
            // An earlier try succeeded and its answer was lost: the webhook of the start tells the recorder's id, or patience ends and it is locked out.
            return null;
        }
        catch (AgoraRefusalException refusal) when (refusal.IsExpired)
        {
            return new RecorderOutcome.Expired(resource);
        }
        catch (AgoraRefusalException refusal)
        {
            return Refused(recording, refusal);
        }
    }

    async Task<RecorderOutcome?> Query(string resource, string sid, IMessageHandlerContext context)
    {
        try
        {
            await agora.Query(resource, sid, context.CancellationToken);
            return null;
        }
        catch (AgoraRefusalException refusal) when (refusal.IsGone)
        {
            return new RecorderOutcome.Exited(context.Now);
        }
    }

    async Task<RecorderOutcome?> Stop(Session session, Recording recording, string sid, CancellationToken ct)
    {
        try
        {
            var stopped = await agora.Stop(session.Channel, recording.Uid, recording.ResourceId!, sid, ct);
            return new RecorderOutcome.StopDone(stopped.Uploaded, stopped.Files);
        }
        catch (AgoraRefusalException refusal)
        {
            log.LogInformation("Agora has no recorder to stop for recording {RecordingId}: {Reason}", recording.Id, refusal.Message);
            return new RecorderOutcome.StopDone(false, []);
        }
    }

    /// <summary>A recorder that may have started without our knowing its id cannot be stopped, but it can be sent out of the channel, and kept out until the lesson is over.</summary>
    async Task<RecorderOutcome?> LockOut(Session session, Recording recording, string code, IMessageHandlerContext context)
    {
        await agora.Kick(session.Channel, recording.Uid, Tickets.LastMoment(session, DateTimeOffset.MaxValue) - context.Now, context.CancellationToken);
        return new RecorderOutcome.Lost(code);
    }

    RecorderOutcome.Lost Refused(Recording recording, AgoraRefusalException refusal)
    {
        log.LogError("Recording {RecordingId} cannot start: {Reason}", recording.Id, refusal.Message);
        return new RecorderOutcome.Lost("recording.refused");
    }

    static Task<RecorderOutcome?> Outcome(RecorderOutcome outcome) => Task.FromResult<RecorderOutcome?>(outcome);
}
