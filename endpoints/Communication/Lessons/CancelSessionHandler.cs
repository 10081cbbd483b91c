using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class CancelSessionHandler : IHandleMessages<CancelSession>
{
    const int MaxReason = 500;

    public async Task Handle(CancelSession command, IMessageHandlerContext context)
    {
        if (await context.SessionFor(command.SessionId, command.By, tutor: true) is not var (session, _))
            return;
        if (string.IsNullOrWhiteSpace(command.Reason) || command.Reason.Length > MaxReason)
        {
            await context.Refuse(RefusalKind.Invalid, "session.reason", $"Say why in 1 to {MaxReason} characters.", new Dictionary<string, string>(StringComparer.Ordinal) { ["reason"] = "See the message." });
            return;
        }

        if (session.Status is SessionStatus.Running or SessionStatus.Ended)
        {
            await context.Refuse(RefusalKind.Conflict, "session.begun", "A lesson that has begun is ended, not called off.");
            return;
        }

        if (session.Status == SessionStatus.Cancelled)
        {
            await context.Reply(new Done(session.Id, session.Version));
            return;
        }

        var cancelled = session with
        {
            Status = SessionStatus.Cancelled,
            EndedAt = context.Now,
            CancelReason = command.Reason.Trim(),
            People = [.. session.People.Select(p => p with { Stays = p.Stays.EndedAt(context.Now), HandRaised = false, MayShareScreen = false })],
        };
        foreach (var person in session.People.Where(p => p.Present))
            await context.SendLocal(KickFromChannel.Of(session, person, context.Now));
        await context.Publish(new SessionCancelled(session.Id, session.TutorId, context.Now));
        await context.Reply(new Done(session.Id, await context.Save(cancelled)));
    }
}
