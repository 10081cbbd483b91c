using Dapper;
using EdTech.Hosting;

namespace EdTech.Users;

static class AccountLock
{
    /// <summary>
    /// What changes several things of an account takes turns here: the account is locked first, its mails, sessions and codes after it, so that no
    /// two of them wait for each other. The lock lets foreign keys to the account pass.
    /// </summary>
    public static Task LockAccount(this IMessageHandlerContext context, Guid accountId)
        => context.Db.ExecuteAsync("SELECT FROM users.account WHERE account_id = @accountId FOR NO KEY UPDATE", new { accountId });
}
