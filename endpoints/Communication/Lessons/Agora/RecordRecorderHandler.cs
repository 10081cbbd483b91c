using System.Text.Json.Serialization;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Local: what became of a recording at Agora, by an answer or a webhook; in any order and any number of copies.</summary>
sealed record RecordRecorder(Guid SessionId, Guid RecordingId, RecorderOutcome Outcome);

/// <summary>What Agora said.</summary>
[JsonDerivedType(typeof(Acquired), "acquired")]
[JsonDerivedType(typeof(Expired), "expired")]
[JsonDerivedType(typeof(Begun), "begun")]
[JsonDerivedType(typeof(StopWanted), "stopWanted")]
[JsonDerivedType(typeof(StopDone), "stopDone")]
[JsonDerivedType(typeof(Exited), "exited")]
[JsonDerivedType(typeof(UploadDone), "uploadDone")]
[JsonDerivedType(typeof(Lost), "lost")]
abstract record RecorderOutcome
{
    /// <summary>A recorder may be started.</summary>
    public sealed record Acquired(string ResourceId) : RecorderOutcome;

    /// <summary>The permission to start has expired.</summary>
    public sealed record Expired(string ResourceId) : RecorderOutcome;

    /// <summary>The recorder runs.</summary>
    public sealed record Begun(string Sid, DateTimeOffset At) : RecorderOutcome;

    /// <summary>The recorder has to end.</summary>
    public sealed record StopWanted : RecorderOutcome;

    /// <summary>It ended because we said so, or there was none.</summary>
    public sealed record StopDone(bool Uploaded, IReadOnlyList<string> Files) : RecorderOutcome;

    /// <summary>It ended by itself.</summary>
    public sealed record Exited(DateTimeOffset At) : RecorderOutcome;

    /// <summary>The files are in the bucket.</summary>
    public sealed record UploadDone(string Sid, IReadOnlyList<string> Files) : RecorderOutcome;

    /// <summary>Nothing will come of it.</summary>
    public sealed record Lost(string Code) : RecorderOutcome;
}

sealed class RecordRecorderHandler : IHandleMessages<RecordRecorder>
{
    public async Task Handle(RecordRecorder message, IMessageHandlerContext context)
    {
        if (await context.Items.Table.FindSession(message.SessionId, context.CancellationToken) is not { } session || session.Recording(message.RecordingId) is not { } was)
            return;
        var now = was.After(message.Outcome, context.Now);
        if (ReferenceEquals(was, now))
            return;

        await context.Save(session.With(now));
        if (now.Status == RecordingStatus.Ready && was.Status != RecordingStatus.Ready)
            await context.Publish(new RecordingReady(now.Id, session.Id, now.Files, now.Seconds ?? 0, now.People, context.Now));
        else if (now.Status == RecordingStatus.Failed && was.Status != RecordingStatus.Failed)
            await context.Publish(new RecordingFailed(now.Id, session.Id, now.Code!, context.Now));
        if (now.NeedsCare)
            await context.SendLocal(new TendRecorder(session.Id, now.Id, Clock: was.Settled)); // Its clock has stopped when it was given up.
    }
}
