using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class ConsentToRecordingHandler : IHandleMessages<ConsentToRecording>
{
    public async Task Handle(ConsentToRecording command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By) is not var (session, person))
            return;
        if (session.Status is SessionStatus.Ended or SessionStatus.Cancelled)
        {
            await context.Refuse(RefusalKind.Conflict, "session.over", "The lesson is over: nothing records any more.");
            return;
        }

        if (person.Consents == command.Agreed)
        {
            await context.Reply(new Done(session.Id, session.Version));
            return;
        }

        var changed = session.With(person with { Consents = command.Agreed });
        if (!command.Agreed && (person.Present || session.LiveRecording?.People.Contains(person.AccountId) is true))
        {
            changed = changed.StopRecording(context.Now);
            await context.TendRecordings(changed);
        }

        await context.Reply(new Done(session.Id, await context.Save(changed)));
    }
}
