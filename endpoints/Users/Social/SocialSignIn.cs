using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Dapper;
using Microsoft.AspNetCore.Http;

namespace EdTech.Users;

/// <summary>The part that signing in with a provider and linking one share.</summary>
static class SocialSignIn
{
    /// <summary>The identity, or the answer that tells why there is none.</summary>
    public static async Task<(VerifiedIdentity? Identity, IResult? Refusal)> Verify(
        SocialProviders providers, IdTokens tokens, SocialProvider provider, string idToken, string nonce, HttpContext http, CancellationToken ct)
    {
        if (providers.Settings(provider) is not { } settings)
        {
            return (null, InternalApi.Refuse(RefusalKind.Invalid, "social.provider_not_configured", "This platform does not take part in that provider's sign-in."));
        }

        try
        {
            return await tokens.Verify(provider, settings, idToken, nonce, ct) is { } identity
                ? (identity, null)
                : (null, CredentialRoute.Unauthorized("social.token_invalid", "The provider's token is not valid for signing in here. Begin again at the provider."));
        }
        catch (ProviderUnavailableException)
        {
            http.Response.Headers.RetryAfter = "30";
            return (null, Results.Json(
                new Refused(RefusalKind.Conflict, "social.provider_unavailable", "The provider cannot be asked for the moment. Sign in another way, or try again."),
                statusCode: StatusCodes.Status503ServiceUnavailable));
        }
    }

    /// <summary>Uses the ID token up; false when somebody has done so before.</summary>
    public static async Task<bool> Take(IMessageHandlerContext context, VerifiedIdentity identity)
        => await context.Db.ExecuteAsync(
            """
            INSERT INTO users.used_id_token (token_hash, expires_at)
            VALUES (@TokenHash, @keepUntil)
            ON CONFLICT (token_hash) DO NOTHING
            """,
            new { identity.TokenHash, keepUntil = identity.ExpiresAt.AddMinutes(5) }) == 1;

    public static string Name(SocialProvider provider) => provider.ToString().ToLowerInvariant();
}
