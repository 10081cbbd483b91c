using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class RevokeSessionHandler : IHandleMessages<RevokeSession>
{
    public async Task Handle(RevokeSession message, IMessageHandlerContext context)
    {
        if (!await SessionRevocation.Revoke(context, message.By.Id, message.SessionId, "signed_out"))
        {
            await context.Refuse(RefusalKind.NotFound, "session.not_found", "There is no such session.");
            return;
        }

        await context.Record(message.By.Id, message.By, "session.revoked", ("session", message.SessionId.ToString()));
        await context.Reply(new Done(message.SessionId));
    }
}
