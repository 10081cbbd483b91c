using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class LeaveSessionHandler : IHandleMessages<LeaveSession>
{
    public async Task Handle(LeaveSession command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By) is not var (session, person))
            return;
        if (!session.IsOpen || !person.Present)
        {
            await context.Reply(new Done(session.Id, session.Version));
            return;
        }

        var seen = await context.AddEvidence(session, new Evidence(context.MessageId, person.AccountId, Joined: false, context.Now, PresenceSource.Ticket));
        await context.Reply(new Done(session.Id, await context.Save(seen)));
    }
}
