using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class JoinSessionHandler(AgoraSettings agora) : IHandleMessages<JoinSession>
{
    public async Task Handle(JoinSession command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By) is not var (session, person))
            return;
        if (await Refusal(session, person, context))
            return;

        var seen = await context.AddEvidence(session, new Evidence(context.MessageId, person.AccountId, Joined: true, context.Now, PresenceSource.Ticket));
        await context.Save(seen);
        await context.Reply(Tickets.For(seen, seen.Find(person.AccountId)!, agora, context.Now));
    }

    static async Task<bool> Refusal(Session session, Participant person, IMessageHandlerContext context)
    {
        if (session.Status == SessionStatus.Scheduled)
            await context.Refuse(RefusalKind.Conflict, "session.not_open", "The tutor has not opened the room yet.");
        else if (!session.IsOpen)
            await context.Refuse(RefusalKind.Conflict, "session.over", "The lesson is over or was called off.");
        else if (person.Removed)
            await context.Refuse(RefusalKind.Forbidden, "session.removed", "The tutor has removed you from this lesson.");
        else if (session.LiveRecording is not null && person.Consents is not true)
            await context.Refuse(RefusalKind.Conflict, "recording.consent_needed", "The lesson is being recorded: agree to that first, or have the tutor stop the recording.");
        else
            return false;
        return true;
    }
}
