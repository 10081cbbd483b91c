using System.Security.Cryptography;
using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Http;

namespace EdTech.Users;

/// <summary>Begins a session for somebody whose first proof (a password, a provider's word) was right.</summary>
sealed class SessionStart(SessionTokenIssuer issuer, SecondFactor secondFactor)
{
    /// <summary>A new session beyond this many ends the one that rested longest.</summary>
    public const int MostPerAccount = 50;

    /// <summary>However often it is refreshed.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(90);

    /// <summary>Begins it unless the account may not be used, or asks for a second factor that is not there.</summary>
    public async Task<SignInOutcome> BeginIfAllowed(IMessageHandlerContext context, HttpContext http, Guid accountId, string? code, string? device, string method)
    {
        var account = await context.Db.QuerySingleAsync<Usable>(
            """
            SELECT status, email_verified_at IS NOT NULL AS Verified
            FROM users.account
            WHERE account_id = @accountId
            FOR NO KEY UPDATE
            """,
            new { accountId });
        if (account.Status != "active")
        {
            return SignInOutcome.Refused403("account.suspended", "The account is suspended. Support can tell why.");
        }

        if (!account.Verified)
        {
            return SignInOutcome.Refused403("account.email_not_verified", "The e-mail address is not verified yet. Follow the mail that was sent to it, or ask for another.");
        }

        if (!await SecondFactor.IsOn(context.Db, accountId))
        {
            return SignInOutcome.SignedIn(await Begin(context, http, accountId, device, method));
        }

        if (string.IsNullOrWhiteSpace(code))
        {
            return SignInOutcome.Refused401("session.code_required", "The account asks for a code of the authenticator, or a recovery code.");
        }

        return await secondFactor.Take(context, accountId, code) is { } factor
            ? SignInOutcome.SignedIn(await Begin(context, http, accountId, device, method, factor))
            : SignInOutcome.Refused401("session.wrong_code", "The code is wrong, or was used before.", wrongCode: true);
    }

    async Task<SessionTokens> Begin(IMessageHandlerContext context, HttpContext http, Guid accountId, string? device, params string[] methods)
    {
        var sessionId = Guid.CreateVersion7(context.Now);
        var refreshToken = RandomNumberGenerator.GetBytes(32);
        await context.Db.ExecuteAsync(
            """
            INSERT INTO users.session (session_id, account_id, device, network, methods, created_at, last_used_at, expires_at)
            VALUES (@sessionId, @accountId, @device, @network, @methods, @Now, @Now, @expiresAt);

            INSERT INTO users.refresh_token (token_hash, session_id, created_at)
            VALUES (@tokenHash, @sessionId, @Now);
            """,
            new
            {
                sessionId,
                accountId,
                device = http.DeviceName(device),
                network = CredentialRoute.NetworkOf(http.ClientAddress()),
                methods,
                context.Now,
                expiresAt = context.Now + LongestLife,
                tokenHash = SHA256.HashData(refreshToken),
            });
        await EndTheOldest(context, accountId);
        await context.Record(accountId, accountId, "session.started", ("session", sessionId.ToString()), ("methods", string.Join(' ', methods)));
        return await issuer.Issue(context.Db, sessionId, refreshToken, context.Now, context.CancellationToken);
    }

    static async Task EndTheOldest(IMessageHandlerContext context, Guid accountId)
    {
        var surplus = await context.Db.QueryAsync<Guid>(
            """
            SELECT session_id
            FROM users.session
            WHERE account_id = @accountId AND revoked_at IS NULL AND expires_at > @Now
            ORDER BY last_used_at DESC, session_id DESC
            OFFSET @MostPerAccount
            """,
            new { accountId, context.Now, MostPerAccount });
        foreach (var sessionId in surplus)
        {
            await SessionRevocation.Revoke(context, accountId, sessionId, "too_many");
        }
    }

    sealed record Usable
    {
        public string Status { get; init; } = "";

        public bool Verified { get; init; }
    }
}
