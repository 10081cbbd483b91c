using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Local: Agora has seen a number come into a channel, or go.</summary>
sealed record RecordPresence(Guid SessionId, uint Uid, bool Joined, DateTimeOffset At, long Order, string NoticeId);

/// <summary>Local: Agora has told of a recorder by its number in the channel.</summary>
sealed record RecordRecorderNotice(Guid SessionId, uint Uid, string Sid, RecorderOutcome Outcome);

sealed class RecordPresenceHandler : IHandleMessages<RecordPresence>
{
    static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public async Task Handle(RecordPresence message, IMessageHandlerContext context)
    {
        // Screens and recorders are nobody.
        if (await context.Items.Table.FindSession(message.SessionId, context.CancellationToken) is not { } session || session.Find(message.Uid) is not { } person)
            return;
        if (message.At > context.Now + ClockSkew || message.At < session.StartsAt - Session.OpensBefore - ClockSkew)
            return;

        var seen = await context.AddEvidence(session, new Evidence(message.NoticeId, person.AccountId, message.Joined, message.At, PresenceSource.Agora, message.Order));
        if (!session.IsOpen || ReferenceEquals(seen, session))
            return;
        if (message.Joined && person.Removed)
            await context.SendLocal(KickFromChannel.Of(session, person, context.Now));
        // Somebody came in by a token of before, past our question whether they agree. Their seconds, cut off, may make it seem that they have left since.
        if (person.Consents is not true && seen.LiveRecording is { } live && (seen.Find(person.AccountId)!.Present || (message.Joined && message.At.AddSeconds(1) >= live.OrderedAt)))
        {
            seen = seen.StopRecording(context.Now);
            await context.TendRecordings(seen);
        }

        await context.Save(seen);
    }
}

sealed class RecordRecorderNoticeHandler : IHandleMessages<RecordRecorderNotice>
{
    public async Task Handle(RecordRecorderNotice message, IMessageHandlerContext context)
    {
        if (await context.Items.Table.FindSession(message.SessionId, context.CancellationToken) is { } session
            && session.Recordings.FirstOrDefault(r => r.Uid == message.Uid) is { } recording
            && (recording.Sid is null || recording.Sid == message.Sid))
            await context.SendLocal(new RecordRecorder(session.Id, recording.Id, message.Outcome));
    }
}
