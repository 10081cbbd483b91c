using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class ReinstateAccountHandler : IHandleMessages<ReinstateAccount>
{
    public async Task Handle(ReinstateAccount message, IMessageHandlerContext context)
    {
        if (!message.By.May("accounts.suspend"))
        {
            await context.Refuse(RefusalKind.Forbidden, "account.suspension_not_permitted", "Only support reinstates accounts.");
            return;
        }

        var reinstated = await context.Db.ExecuteAsync(
            "UPDATE users.account SET status = 'active' WHERE account_id = @AccountId AND status = 'suspended'", new { message.AccountId });
        if (reinstated == 0)
        {
            await AccountStatusRefusal.Give(context, message.AccountId, "account.not_suspended", "The account is not suspended.");
            return;
        }

        await context.Record(message.AccountId, message.By, "account.reinstated");
        await context.Publish(new AccountReinstated(message.AccountId, context.Now));
        await context.Reply(new Done(message.AccountId));
    }
}
