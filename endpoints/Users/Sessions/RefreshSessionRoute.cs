using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

/// <summary>
/// Rotation with reuse detection. A token's successor is derived from it, so whoever presents a token that was spent a moment ago (two tabs at
/// once, an answer that got lost) is led to the one live token of the family, and no second branch grows on which a thief could live.
/// A token spent longer ago than <see cref="Grace"/> has been copied: the family ends.
/// </summary>
static class RefreshSessionRoute
{
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>A session that nobody uses ends.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromDays(30);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/sessions/refresh", Handle);

    static async Task<IResult> Handle(RefreshSession request, HttpContext http, ITransactionalSession session, SessionTokenIssuer issuer, UsersSecrets secrets, CancellationToken ct)
    {
        var presented = new byte[32];
        if (request.RefreshToken.Length != 43 || !Base64Url.TryDecodeFromChars(request.RefreshToken, presented, out var written) || written != presented.Length)
        {
            return Invalid();
        }

        SessionTokens? tokens = null;
        await session.Run(async context =>
        {
            if (await LockFamily(context, presented) is { } family && await SuccessorOf(context, family, presented, secrets) is { } successor)
            {
                await context.Db.ExecuteAsync(
                    "UPDATE users.session SET last_used_at = @Now, network = @network WHERE session_id = @SessionId",
                    new { context.Now, network = CredentialRoute.NetworkOf(http.ClientAddress()), family.SessionId });
                tokens = await issuer.Issue(context.Db, family.SessionId, successor, context.Now, ct);
            }
        }, ct);
        return tokens is null ? Invalid() : Results.Json(tokens);
    }

    /// <summary>The token's session, locked, when it is still good.</summary>
    static async Task<Family?> LockFamily(IMessageHandlerContext context, byte[] presented)
        => await context.Db.QuerySingleOrDefaultAsync<Family>(
            """
            SELECT s.session_id, s.account_id
            FROM users.session s
            JOIN users.account a USING (account_id)
            WHERE s.session_id = (SELECT t.session_id FROM users.refresh_token t WHERE t.token_hash = @tokenHash)
                AND s.revoked_at IS NULL
                AND s.expires_at > @Now
                AND s.last_used_at > @restedSince
                AND a.status = 'active'
            FOR UPDATE OF s
            """,
            new { tokenHash = SHA256.HashData(presented), context.Now, restedSince = context.Now - LongestRest });

    /// <summary>The token that the client shall hold from now on; null when the presented one was a copy, and the family is over.</summary>
    static async Task<byte[]?> SuccessorOf(IMessageHandlerContext context, Family family, byte[] presented, UsersSecrets secrets)
    {
        // Read after the lock: whoever refreshed at the same time has committed by now.
        var spentAt = await SpentAt(context, presented);
        if (spentAt is { } instant && instant < (context.Now - Grace).UtcDateTime)
        {
            await SessionRevocation.Revoke(context, family.AccountId, family.SessionId, "token_reused");
            await context.Record(family.AccountId, Guid.Empty, "session.token_reused", ("session", family.SessionId.ToString()));
            return null;
        }

        var token = presented;
        while (spentAt is not null)
        {
            token = secrets.SuccessorOf(token);
            spentAt = await SpentAt(context, token);
            if (spentAt is null)
            {
                return token;
            }
        }

        var successor = secrets.SuccessorOf(token);
        await context.Db.ExecuteAsync(
            """
            UPDATE users.refresh_token
            SET spent_at = @Now
            WHERE token_hash = @tokenHash;

            INSERT INTO users.refresh_token (token_hash, session_id, created_at)
            VALUES (@successorHash, @SessionId, @Now);
            """,
            new { context.Now, tokenHash = SHA256.HashData(token), successorHash = SHA256.HashData(successor), family.SessionId });
        return successor;
    }

    static async Task<DateTime?> SpentAt(IMessageHandlerContext context, byte[] token)
        => (await context.Db.QuerySingleAsync<TokenState>("SELECT spent_at FROM users.refresh_token WHERE token_hash = @tokenHash", new { tokenHash = SHA256.HashData(token) })).SpentAt;

    static IResult Invalid() => CredentialRoute.Unauthorized("session.invalid", "The session has ended. Sign in again.");

    sealed record Family
    {
        public Guid SessionId { get; init; }

        public Guid AccountId { get; init; }
    }

    sealed record TokenState
    {
        public DateTime? SpentAt { get; init; }
    }
}
