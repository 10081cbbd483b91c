using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class OpenSessionHandler : IHandleMessages<OpenSession>
{
    public async Task Handle(OpenSession command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, _))
            return;
        if (session.IsOpen)
            await context.Reply(new Done(session.Id, session.Version));
        else if (session.Status != SessionStatus.Scheduled)
            await context.Refuse(RefusalKind.Conflict, "session.over", "The lesson is over or was called off.");
        else if (context.Now < session.StartsAt - Session.OpensBefore)
            await context.Refuse(RefusalKind.Conflict, "session.too_early", $"The room can be opened from {Session.OpensBefore.TotalMinutes} minutes before the start.");
        else
            await context.Reply(new Done(session.Id, await context.Save(session with { Status = SessionStatus.Open })));
    }
}
