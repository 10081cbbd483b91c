using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

/// <summary>The marketplace is open: whoever wants to teach does.</summary>
sealed class BecomeTutorHandler : IHandleMessages<BecomeTutor>
{
    public async Task Handle(BecomeTutor message, IMessageHandlerContext context)
    {
        if (await RoleGrants.Grant(context, message.By.Id, RoleNames.Tutor, message.By) is RoleGrants.Outcome.NoSuchAccount)
        {
            await context.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account.");
            return;
        }

        await context.Reply(new Done(message.By.Id));
    }
}
