using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class VerifyEmailRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/accounts/verify", Handle);

    static async Task<IResult> Handle(VerifyEmail request, HttpContext http, ITransactionalSession session, UsersSecrets secrets, CancellationToken ct)
        => CredentialRoute.Answer(await session.RunOnce(http, secrets, async context =>
        {
            if (await context.TakeToken(secrets, request.Token, MailPurpose.Verify) is not { } token)
            {
                return;
            }

            await VerifiedAddress.Mark(context, token.AccountId);
            await context.Reply(new Done(token.AccountId));
        }, ct));
}

static class VerifiedAddress
{
    /// <summary>The person has shown that they read the address's mail. Once is enough.</summary>
    public static async Task Mark(IMessageHandlerContext context, Guid accountId)
    {
        var marked = await context.Db.ExecuteAsync(
            """
            UPDATE users.account
            SET email_verified_at = @Now
            WHERE account_id = @accountId AND email_verified_at IS NULL AND email IS NOT NULL
            """,
            new { accountId, context.Now });
        if (marked == 1)
        {
            await context.Record(accountId, accountId, "email.verified");
            await context.Publish(new EmailVerified(accountId, context.Now));
        }
    }
}
