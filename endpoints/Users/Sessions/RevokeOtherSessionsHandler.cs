using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class RevokeOtherSessionsHandler : IHandleMessages<RevokeOtherSessions>
{
    public async Task Handle(RevokeOtherSessions message, IMessageHandlerContext context)
    {
        await SessionRevocation.RevokeAll(context, message.By.Id, "signed_out", except: message.CurrentSessionId);
        await context.Record(message.By.Id, message.By, "session.others_revoked", ("kept", message.CurrentSessionId.ToString()));
        await context.Reply(new Done(message.CurrentSessionId));
    }
}
