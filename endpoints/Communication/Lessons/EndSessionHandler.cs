using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class EndSessionHandler : IHandleMessages<EndSession>
{
    public async Task Handle(EndSession command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, _))
            return;
        // Otherwise a tutor could open early, leave at once and have the student counted as missing.
        if (session.Status is SessionStatus.Scheduled or SessionStatus.Open && context.Now < session.NoShowAt)
            await context.Refuse(RefusalKind.Conflict, "session.not_begun", "You have not met yet: call the lesson off, or wait until some time after its start.");
        else if (session.Status == SessionStatus.Cancelled)
            await context.Refuse(RefusalKind.Conflict, "session.over", "The lesson was called off.");
        else if (session.Status == SessionStatus.Ended)
            await context.Reply(new Done(session.Id, session.Version));
        else
            await context.Reply(new Done(session.Id, await context.End(session)));
    }
}
