using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class GrantRoleHandler : IHandleMessages<GrantRole>
{
    public async Task Handle(GrantRole message, IMessageHandlerContext context)
    {
        if (!message.By.May("roles.grant"))
        {
            await context.Refuse(RefusalKind.Forbidden, "role.granting_not_permitted", "Only administrators grant roles.");
            return;
        }

        if (!RoleNames.All.Contains(message.Role, StringComparer.Ordinal))
        {
            await context.Refuse(RefusalKind.NotFound, "role.not_found", "There is no such role.");
            return;
        }

        if (await RoleGrants.Grant(context, message.AccountId, message.Role, message.By) is RoleGrants.Outcome.NoSuchAccount)
        {
            await context.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account.");
            return;
        }

        await context.Reply(new Done(message.AccountId));
    }
}
