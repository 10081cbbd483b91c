using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class StartRecordingHandler(RecorderClock clock) : IHandleMessages<StartRecording>
{
    public async Task Handle(StartRecording command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, tutor))
            return;
        if (session.Recording(command.RecordingId) is not null)
        {
            await context.Reply(new Done(command.RecordingId, session.Version));
            return;
        }

        // Who orders it agrees to it.
        var agreed = session.With(tutor with { Consents = true });
        var silent = agreed.People.Where(p => p.Present && p.Consents is not true).Select(p => p.AccountId).ToArray();
        if (session.Status != SessionStatus.Running)
            await context.Refuse(RefusalKind.Conflict, "session.not_running", "A lesson is recorded once tutor and a student are there.");
        else if (session.LiveRecording is not null)
            await context.Refuse(RefusalKind.Conflict, "recording.running", "There is a recording that has not ended.");
        else if (session.Recordings.Count >= Session.MaxRecordings)
            await context.Refuse(RefusalKind.Conflict, "recording.too_many", $"A lesson has at most {Session.MaxRecordings} recordings.");
        else if (silent.Length > 0)
            await context.Refuse(RefusalKind.Conflict, "recording.consent_needed", "Not everybody present has agreed to be recorded.", new Dictionary<string, string>(StringComparer.Ordinal) { ["accountIds"] = string.Join(' ', silent) });
        else
            await Order(agreed, command.RecordingId, context);
    }

    async Task Order(Session session, Guid id, IMessageHandlerContext context)
    {
        var recording = new Recording(id, AgoraUids.Recorder(session.Recordings.Count + 1), context.Now) { People = [.. session.People.Where(p => p.Present).Select(p => p.AccountId)] };
        await context.SendLocal(new TendRecorder(session.Id, id, Clock: false));
        await context.SendLocal(new TendRecorder(session.Id, id, Clock: true), new SendOptions(Delay: clock.Pause));
        await context.Reply(new Done(id, await context.Save(session with { Recordings = [.. session.Recordings, recording] })));
    }
}
