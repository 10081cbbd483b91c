using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class RaiseHandHandler : IHandleMessages<RaiseHand>
{
    public async Task Handle(RaiseHand command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By) is not var (session, person))
            return;
        if (person.HandRaised == command.Raised)
            await context.Reply(new Done(session.Id, session.Version));
        else if (!session.IsOpen || !person.Present)
            await context.Refuse(RefusalKind.Conflict, "session.not_present", "Join the lesson first.");
        else
            await context.Reply(new Done(session.Id, await context.Save(session.With(person with { HandRaised = command.Raised }))));
    }
}
