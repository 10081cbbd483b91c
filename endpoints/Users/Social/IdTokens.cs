using System.Security.Cryptography;
using System.Text;
using EdTech.Contracts.Users;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdTech.Users;

/// <summary>Who a provider says somebody is.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Subject">Stable at the provider; never an address.</param>
/// <param name="Email">Normalised; null when the token holds none.</param>
/// <param name="EmailVerified">The provider has seen proof that the address is theirs.</param>
/// <param name="Name">To be called by at first.</param>
/// <param name="TokenHash">Of the ID token: it signs in once.</param>
/// <param name="ExpiresAt">When the token dies anyway.</param>
sealed record VerifiedIdentity(SocialProvider Provider, string Subject, string? Email, bool EmailVerified, string? Name, byte[] TokenHash, DateTimeOffset ExpiresAt);

/// <summary>Verifies ID tokens (OpenID Connect Core 3.1.3.7): signature by the published keys, issuer, audience, nonce, expiry, age.</summary>
sealed class IdTokens(SocialProviders providers, TimeProvider time)
{
    static readonly JsonWebTokenHandler Reader = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };
    static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>A token is for signing in now, not for keeping.</summary>
    static readonly TimeSpan OldestToken = TimeSpan.FromMinutes(15);

    /// <summary>Null when the token is not good, for whatever reason: telling which helps only who made it up.</summary>
    public async Task<VerifiedIdentity?> Verify(SocialProvider provider, SocialProviderSettings settings, string idToken, string nonce, CancellationToken ct)
    {
        if (Read(idToken) is not { Alg: "RS256" or "ES256" } unverified)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var result = await Reader.ValidateTokenAsync(unverified, new TokenValidationParameters
        {
            ValidIssuers = settings.Issuers,
            ValidAudiences = settings.ClientIds,
            IssuerSigningKeys = await providers.Keys(provider, settings, unverified.Kid, ct),
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = (notBefore, expires, _, _) => expires > (now - Skew).UtcDateTime && (notBefore is null || notBefore <= (now + Skew).UtcDateTime),
        });
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            return null;
        }

        var audiences = token.Audiences.ToArray();
        var authorised = audiences.Length == 1 || (token.TryGetPayloadValue<string>("azp", out var azp) && settings.ClientIds.Contains(azp, StringComparer.Ordinal));
        var issued = token.IssuedAt;
        if (!authorised || string.IsNullOrEmpty(token.Subject) || token.Subject.Length > 255
            || issued < (now - OldestToken).UtcDateTime || issued > (now + Skew).UtcDateTime
            || nonce.Length == 0 || !token.TryGetPayloadValue<string>("nonce", out var claimed)
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(claimed), Encoding.UTF8.GetBytes(nonce)))
        {
            return null;
        }

        return new(
            provider,
            token.Subject,
            token.TryGetPayloadValue<string>("email", out var email) ? EmailAddress.Normalise(email) : null,
            settings.VerifiesEmail && Says(token, "email_verified"),
            token.TryGetPayloadValue<string>("name", out var name) ? name : null,
            SHA256.HashData(Encoding.UTF8.GetBytes(idToken)),
            new DateTimeOffset(token.ValidTo, TimeSpan.Zero));
    }

    static JsonWebToken? Read(string idToken)
    {
        try
        {
            return Reader.CanReadToken(idToken) ? Reader.ReadJsonWebToken(idToken) : null;
        }
        catch (ArgumentException)
        {
            // Three parts, and inside them not what a token is made of.
            return null;
        }
    }

    // Apple writes it as a string.
    static bool Says(JsonWebToken token, string claim)
        => token.TryGetPayloadValue<object>(claim, out var value) && value is true or "true";
}
