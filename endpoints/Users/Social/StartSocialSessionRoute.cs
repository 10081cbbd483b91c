using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

/// <summary>
/// Sign-in with a provider's ID token. A linked identity signs its account in. A new one makes an account, unless its address has one: what two
/// parties have each proven is joined only by the person, from a session; what was claimed without proof gives way to what was proven.
/// </summary>
static class StartSocialSessionRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/sessions/social", Handle);

    static async Task<IResult> Handle(
        StartSocialSession request, HttpContext http, ITransactionalSession session, SocialProviders providers, IdTokens tokens, SessionStart start, SignInThrottle throttle, CancellationToken ct)
    {
        var (identity, refusal) = await SocialSignIn.Verify(providers, tokens, request.Provider, request.IdToken, request.Nonce, http, ct);
        if (identity is null)
        {
            return refusal!;
        }

        // Only the second factor can be guessed at here.
        var codes = $"social {identity.Provider} {identity.Subject}";
        var wait = request.Code is null ? TimeSpan.Zero : await throttle.Attempt(codes, http.ClientAddress(), ct);
        if (wait > TimeSpan.Zero)
        {
            return CredentialRoute.TooMany(http, "sign_in.too_many", "Too many attempts for now. Wait as long as Retry-After says.", wait);
        }

        var outcome = default(SignInOutcome);
        await session.Run(async context =>
        {
            outcome = await SignIn(context, http, identity, request, start);
            if (outcome.Tokens is not null && !await SocialSignIn.Take(context, identity))
            {
                outcome = SignInOutcome.Refused401("social.token_used", "The provider's token was used before. Begin again at the provider.");
                await context.Refuse(Contracts.RefusalKind.Forbidden, "social.token_used", "Undoes the session that was begun.");
            }
        }, ct);
        if (request.Code is not null)
        {
            await (outcome.WrongCode ? throttle.Failed(http.ClientAddress(), ct) : throttle.Succeeded(codes, ct));
        }

        return outcome.Answer();
    }

    static async Task<SignInOutcome> SignIn(IMessageHandlerContext context, HttpContext http, VerifiedIdentity identity, StartSocialSession request, SessionStart start)
    {
        var provider = SocialSignIn.Name(identity.Provider);
        // Two sign-ins of one new identity at once: the second waits here, and then finds the account of the first.
        await context.Db.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@key, 0))", new { key = $"social {provider} {identity.Subject}" });
        if (await Linked(context, provider, identity) is { } accountId)
        {
            await context.LockAccount(accountId);
            if (await Linked(context, provider, identity) != accountId)
            {
                // A reset of the password that had the lock has taken the login away, and ended its sessions.
                return SignInOutcome.Refused409("session.changed_meanwhile", "The account was changed at this moment. Try again.");
            }

            return await start.BeginIfAllowed(context, http, accountId, request.Code, request.Device, provider);
        }

        if (identity.Email is null)
        {
            return SignInOutcome.Refused403("social.email_missing", "The provider did not tell an e-mail address. Allow it to, or register with an address.");
        }

        return identity.EmailVerified
            ? await WithProvenAddress(context, http, identity, identity.Email, request, start)
            : await WithClaimedAddress(context, identity, identity.Email);
    }

    static Task<Guid?> Linked(IMessageHandlerContext context, string provider, VerifiedIdentity identity)
        => context.Db.ExecuteScalarAsync<Guid?>("SELECT account_id FROM users.social_login WHERE provider = @provider AND subject = @Subject", new { provider, identity.Subject });

    static async Task<SignInOutcome> WithProvenAddress(
        IMessageHandlerContext context, HttpContext http, VerifiedIdentity identity, string email, StartSocialSession request, SessionStart start)
    {
        var holder = await context.Db.QuerySingleOrDefaultAsync<Holder>(
            """
            SELECT account_id, email_verified_at IS NOT NULL AS Verified
            FROM users.account
            WHERE email_normalised = @email
            FOR NO KEY UPDATE
            """,
            new { email });
        if (holder is { Verified: true })
        {
            return SignInOutcome.Refused409("social.link_required", "This address has an account. Sign in to it with its password, then link this provider there.");
        }

        if (holder is not null)
        {
            // Somebody registered the address without being able to prove it: that account must not become this person's.
            await UnprovenAccount.Void(context, holder.AccountId);
        }

        var accountId = Guid.CreateVersion7(context.Now);
        if (!await Make(context, accountId, identity, email, verified: true))
        {
            return SignInOutcome.Refused409("session.changed_meanwhile", "Somebody registered the address at this moment. Try again.");
        }

        await context.Record(accountId, accountId, "email.verified", ("by", SocialSignIn.Name(identity.Provider)));
        await context.Publish(new EmailVerified(accountId, context.Now));
        return await start.BeginIfAllowed(context, http, accountId, request.Code, request.Device, SocialSignIn.Name(identity.Provider));
    }

    /// <summary>The provider tells an address but does not vouch for it: our own mail decides. The answer is the same whether the address was free.</summary>
    static async Task<SignInOutcome> WithClaimedAddress(IMessageHandlerContext context, VerifiedIdentity identity, string email)
    {
        var accountId = Guid.CreateVersion7(context.Now);
        if (await Make(context, accountId, identity, email, verified: false))
        {
            await context.OrderMail(accountId, MailPurpose.Verify);
        }
        else
        {
            await context.RequestMail(email, MailPurpose.AlreadyRegistered);
        }

        return SignInOutcome.Refused403("account.email_not_verified", "The e-mail address is not verified yet. Follow the mail that was sent to it, or ask for another.");
    }

    static async Task<bool> Make(IMessageHandlerContext context, Guid accountId, VerifiedIdentity identity, string email, bool verified)
    {
        if (!await NewAccounts.Insert(context, accountId, email, email, passwordHash: null, verified))
        {
            return false;
        }

        await NewAccounts.Complete(context, accountId, identity.Name is { } name && ProfileRules.IsName(name) ? name.Trim() : "New member", "en", "Etc/UTC");
        await context.Db.ExecuteAsync(
            """
            INSERT INTO users.social_login (provider, subject, account_id, linked_at)
            VALUES (@provider, @Subject, @accountId, @Now)
            """,
            new { provider = SocialSignIn.Name(identity.Provider), identity.Subject, accountId, context.Now });
        return true;
    }

    sealed record Holder
    {
        public Guid AccountId { get; init; }

        public bool Verified { get; init; }
    }
}
