using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class RemoveFromSessionHandler : IHandleMessages<RemoveFromSession>
{
    public async Task Handle(RemoveFromSession command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, _))
            return;
        if (session.Find(command.AccountId) is not { } person || person.AccountId == session.TutorId)
        {
            await context.Refuse(RefusalKind.Invalid, "session.not_a_student", "Students of the lesson can be removed from it.");
            return;
        }

        if (person.Removed)
        {
            await context.Reply(new Done(session.Id, session.Version));
            return;
        }

        if (!session.IsOpen)
        {
            await context.Refuse(RefusalKind.Conflict, "session.not_open", "The lesson's room is not open.");
            return;
        }

        var seen = person.Present ? await context.AddEvidence(session, new Evidence(context.MessageId, person.AccountId, Joined: false, context.Now, PresenceSource.Ticket)) : session;
        await context.SendLocal(KickFromChannel.Of(session, person, context.Now));
        if (person.ScreenUid is { } screen)
            await context.SendLocal(new KickFromChannel(session.Channel, screen, context.Now + Tickets.Life));
        await context.Reply(new Done(session.Id, await context.Save(seen.With(seen.Find(person.AccountId)! with { Removed = true, MayShareScreen = false, HandRaised = false }))));
    }
}
