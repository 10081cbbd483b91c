using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class RevokeRoleHandler : IHandleMessages<RevokeRole>
{
    public async Task Handle(RevokeRole message, IMessageHandlerContext context)
    {
        if (!message.By.May("roles.grant"))
        {
            await context.Refuse(RefusalKind.Forbidden, "role.granting_not_permitted", "Only administrators revoke roles.");
            return;
        }

        if (message.Role == RoleNames.Student)
        {
            await context.Refuse(RefusalKind.Conflict, "role.student_stays", "Everybody is a student.");
            return;
        }

        if (message.Role == RoleNames.Admin && await RoleGrants.IsLastAdmin(context, message.AccountId))
        {
            await context.Refuse(RefusalKind.Conflict, "role.last_admin", "The platform needs an administrator, and this is the last one.");
            return;
        }

        var revoked = await context.Db.ExecuteAsync(
            "DELETE FROM users.role_grant WHERE account_id = @AccountId AND role = @Role", new { message.AccountId, message.Role });
        if (revoked == 0)
        {
            await context.Refuse(RefusalKind.NotFound, "role.not_granted", "The account does not have this role, or there is no such account.");
            return;
        }

        await context.Record(message.AccountId, message.By, "role.revoked", ("role", message.Role));
        await context.Publish(new RoleRevoked(message.AccountId, message.Role, context.Now));
        await context.Reply(new Done(message.AccountId));
    }
}
