using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class GrantScreenShareHandler : IHandleMessages<GrantScreenShare>
{
    public async Task Handle(GrantScreenShare command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, _))
            return;
        if (session.Find(command.AccountId) is not { } person || person.AccountId == session.TutorId)
            await context.Refuse(RefusalKind.Invalid, "screen_share.not_a_student", "The screen is granted to a student of the lesson; its tutor may share anyway.");
        else if (!session.IsOpen)
            await context.Refuse(RefusalKind.Conflict, "session.not_open", "The lesson's room is not open.");
        else if (person.MayShareScreen == command.Granted)
            await context.Reply(new Done(session.Id, session.Version));
        else if (!command.Granted)
            await Revoke(session, person, context);
        else if (person.Removed)
            await context.Refuse(RefusalKind.Conflict, "session.removed", "This student was removed from the lesson.");
        else if (session.People.FirstOrDefault(p => p.MayShareScreen) is { } other)
            await context.Refuse(RefusalKind.Conflict, "screen_share.taken", "One student at a time shares the screen: take it back from the other first.", new Dictionary<string, string>(StringComparer.Ordinal) { ["accountId"] = other.AccountId.ToString() });
        else
            await context.Reply(new Done(session.Id, await context.Save(session.With(person with { MayShareScreen = true, ScreenGrants = person.ScreenGrants + 1 }))));
    }

    /// <summary>A token cannot be taken back, so its number in the channel is locked out for as long as the token may live.</summary>
    static async Task Revoke(Session session, Participant person, IMessageHandlerContext context)
    {
        await context.SendLocal(new KickFromChannel(session.Channel, person.ScreenUid!.Value, context.Now + Tickets.Life));
        await context.Reply(new Done(session.Id, await context.Save(session.With(person with { MayShareScreen = false }))));
    }
}
