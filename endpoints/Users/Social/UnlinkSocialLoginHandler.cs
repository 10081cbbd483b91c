using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class UnlinkSocialLoginHandler : IHandleMessages<UnlinkSocialLogin>
{
    public async Task Handle(UnlinkSocialLogin message, IMessageHandlerContext context)
    {
        var provider = SocialSignIn.Name(message.Provider);
        // Locked: of two that are unlinked at once, one must see that it is the last.
        var hasPassword = await context.Db.ExecuteScalarAsync<bool?>(
            "SELECT password_hash IS NOT NULL FROM users.account WHERE account_id = @Id FOR NO KEY UPDATE", new { message.By.Id });
        var unlinked = await context.Db.ExecuteAsync(
            "DELETE FROM users.social_login WHERE account_id = @Id AND provider = @provider", new { message.By.Id, provider });
        if (unlinked == 0)
        {
            await context.Refuse(RefusalKind.NotFound, "social.not_linked", "The account has no login of this provider.");
            return;
        }

        var others = await context.Db.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM users.social_login WHERE account_id = @Id)", new { message.By.Id });
        if (hasPassword is not true && !others)
        {
            await context.Refuse(RefusalKind.Conflict, "social.last_way_in", "This is the only way in to the account. Set a password first, by asking for a password reset.");
            return;
        }

        await context.Record(message.By.Id, message.By, "social.unlinked", ("provider", provider));
        await context.Reply(new Done(message.By.Id));
    }
}
