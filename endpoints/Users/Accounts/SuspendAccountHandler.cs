using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class SuspendAccountHandler : IHandleMessages<SuspendAccount>
{
    public async Task Handle(SuspendAccount message, IMessageHandlerContext context)
    {
        if (!message.By.May("accounts.suspend") || await IsBeyond(message, context))
        {
            await context.Refuse(RefusalKind.Forbidden, "account.suspension_not_permitted", "Support suspends accounts, administrators also those of administrators; nobody their own.");
            return;
        }

        if (await RoleGrants.IsLastAdmin(context, message.AccountId))
        {
            await context.Refuse(RefusalKind.Conflict, "role.last_admin", "The platform needs an administrator, and this is the last one.");
            return;
        }

        var suspended = await context.Db.ExecuteAsync(
            "UPDATE users.account SET status = 'suspended' WHERE account_id = @AccountId AND status = 'active'", new { message.AccountId });
        if (suspended == 0)
        {
            await AccountStatusRefusal.Give(context, message.AccountId, "account.suspended_already", "The account is suspended already.");
            return;
        }

        await SessionRevocation.RevokeAll(context, message.AccountId, "suspended");
        await context.Record(message.AccountId, message.By, "account.suspended", ("reason", message.Reason));
        await context.Publish(new AccountSuspended(message.AccountId, context.Now));
        await context.Reply(new Done(message.AccountId));
    }

    static async Task<bool> IsBeyond(SuspendAccount message, IMessageHandlerContext context)
        => message.AccountId == message.By.Id
            || (!message.By.May("roles.grant") && await context.Db.ExecuteScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM users.role_grant WHERE account_id = @AccountId AND role = 'admin')", new { message.AccountId }));
}

static class AccountStatusRefusal
{
    /// <summary>Why an account's status did not change: it is unknown, or was so before.</summary>
    public static async Task Give(IMessageHandlerContext context, Guid accountId, string code, string message)
    {
        var known = await context.Db.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM users.account WHERE account_id = @accountId AND status <> 'voided')", new { accountId });
        await (known
            ? context.Refuse(RefusalKind.Conflict, code, message)
            : context.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account."));
    }
}
