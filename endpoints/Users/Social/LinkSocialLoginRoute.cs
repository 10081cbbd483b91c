using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class LinkSocialLoginRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/me/social-logins", Handle);

    static async Task<IResult> Handle(
        LinkSocialLogin request, HttpContext http, ITransactionalSession session, SocialProviders providers, IdTokens tokens, UsersSecrets secrets, CancellationToken ct)
    {
        var me = http.Actor().Id;
        var (identity, refusal) = await SocialSignIn.Verify(providers, tokens, request.Provider, request.IdToken, request.Nonce, http, ct);
        return identity is null
            ? refusal!
            : CredentialRoute.Answer(await session.RunOnce(http, secrets, context => Link(context, me, identity), ct));
    }

    static async Task Link(IMessageHandlerContext context, Guid me, VerifiedIdentity identity)
    {
        await context.LockAccount(me);
        if (!await SocialSignIn.Take(context, identity))
        {
            await context.Refuse(RefusalKind.Invalid, "social.token_used", "The provider's token was used before. Begin again at the provider.");
            return;
        }

        var linked = await context.Db.ExecuteAsync(
            """
            INSERT INTO users.social_login (provider, subject, account_id, linked_at)
            SELECT @provider, @Subject, a.account_id, @Now
            FROM users.account a
            WHERE a.account_id = @me AND a.status = 'active' AND a.email_verified_at IS NOT NULL
            ON CONFLICT DO NOTHING
            """,
            new { provider = SocialSignIn.Name(identity.Provider), identity.Subject, me, context.Now });
        if (linked == 0)
        {
            await context.Refuse(RefusalKind.Conflict, "social.linked_already", "This login belongs to an account already, or the account has another login of this provider.");
            return;
        }

        await context.Record(me, me, "social.linked", ("provider", SocialSignIn.Name(identity.Provider)));
        await context.OrderMail(me, MailPurpose.SocialLinked);
        await context.Reply(new Done(me));
    }
}
