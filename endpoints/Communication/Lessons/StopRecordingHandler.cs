using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class StopRecordingHandler : IHandleMessages<StopRecording>
{
    public async Task Handle(StopRecording command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, _))
            return;
        if (session.Recording(command.RecordingId) is not { } recording)
        {
            await context.Refuse(RefusalKind.NotFound, "recording.not_found", "The lesson has no such recording.");
            return;
        }

        if (!recording.Live || recording.StopAt is not null)
        {
            await context.Reply(new Done(recording.Id, session.Version));
            return;
        }

        var stopping = session.StopRecording(context.Now);
        await context.TendRecordings(stopping);
        await context.Reply(new Done(recording.Id, await context.Save(stopping)));
    }
}
