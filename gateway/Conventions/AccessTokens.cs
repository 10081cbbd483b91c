using System.Globalization;
using System.Security.Claims;
using EdTech.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdTech.Gateway;

/// <summary>
/// Checks access tokens. An ES256 signature costs more than the rest of a request, so a checked token's principal is kept for up to a minute
/// under the token's exact text; whether it was revoked meanwhile is asked every time.
/// </summary>
sealed class AccessTokens(IConfiguration configuration, PublishedKeys keys, RevokedTokens revoked, TimeProvider time) : IConfigureNamedOptions<JwtBearerOptions>, IDisposable
{
    public const string Audience = "edtech";
    const int MaxTokenLength = 4096;
    static readonly TimeSpan Kept = TimeSpan.FromSeconds(60);
    static readonly object KeysAway = new();
    readonly MemoryCache _principals = new(new MemoryCacheOptions { SizeLimit = 20_000 });

    public void Configure(JwtBearerOptions options) => Configure(null, options);

    /// <summary>Checks a token that came otherwise than with a request; null when it does not count.</summary>
    public async Task<ClaimsPrincipal?> Check(string token, CancellationToken ct)
    {
        if (token.Length is 0 or > MaxTokenLength || KeyIdOf(token) is not { } keyId || !await keys.Ensure(keyId, ct)) return null;
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, Parameters());
        if (!result.IsValid) return null;
        var principal = new ClaimsPrincipal(result.ClaimsIdentity);
        var (session, account, issuedAt) = Names(principal);
        return account == Guid.Empty || session == Guid.Empty || await revoked.IsRevokedAnywhere(session, account, issuedAt) ? null : principal;
    }

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.IncludeErrorDetails = false;
        options.TokenValidationParameters = Parameters();
        options.Events = new() { OnMessageReceived = Receive, OnTokenValidated = Validated, OnChallenge = Challenge };
    }

    TokenValidationParameters Parameters() => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        ValidIssuer = configuration.PublicUrl(),
        ValidAudience = Audience,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = TimeSpan.FromSeconds(15),
        NameClaimType = "sub",
        RoleClaimType = "role",
        IssuerSigningKeyResolver = (_, _, keyId, _) => keys.Find(keyId),
    };

    async Task Receive(MessageReceivedContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return;
        var token = header[7..].Trim();
        if (token.Length is 0 or > MaxTokenLength)
        {
            context.Fail("The token is too long to be one of ours.");
            return;
        }

        if (_principals.TryGetValue<ClaimsPrincipal>(token, out var principal))
        {
            var (session, account, issuedAt) = Names(principal!);
            if (revoked.IsRevoked(session, account, issuedAt))
            {
                context.Fail("revoked");
                return;
            }

            context.Principal = principal;
            context.Success();
            return;
        }

        context.Token = token;
        if (KeyIdOf(token) is { } keyId && !await keys.Ensure(keyId, context.HttpContext.RequestAborted))
        {
            context.HttpContext.Items[KeysAway] = true;
            context.Fail("The keys are away.");
        }
    }

    async Task Validated(TokenValidatedContext context)
    {
        var (session, account, issuedAt) = Names(context.Principal!);
        if (account == Guid.Empty || session == Guid.Empty || await revoked.IsRevokedAnywhere(session, account, issuedAt))
        {
            context.Fail("revoked");
            return;
        }

        var left = context.SecurityToken.ValidTo - time.GetUtcNow().UtcDateTime;
        if (left <= TimeSpan.Zero) return; // within the clock's tolerance: good for this once
        _principals.Set(((JsonWebToken)context.SecurityToken).EncodedToken, context.Principal,
            new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = left < Kept ? left : Kept });
    }

    static async Task Challenge(JwtBearerChallengeContext context)
    {
        if (!context.HttpContext.Items.ContainsKey(KeysAway)) return;
        context.HandleResponse();
        await Problems.WriteUnavailableAsync(context.HttpContext, "auth.unavailable", "Access tokens cannot be checked for the moment. Try again.");
    }

    static (Guid Session, Guid Account, DateTimeOffset IssuedAt) Names(ClaimsPrincipal principal)
    {
        _ = Guid.TryParse(principal.FindFirstValue("sid"), out var session);
        _ = Guid.TryParse(principal.FindFirstValue("sub"), out var account);
        _ = long.TryParse(principal.FindFirstValue("iat"), NumberStyles.None, CultureInfo.InvariantCulture, out var issuedAt);
        return (session, account, DateTimeOffset.FromUnixTimeSeconds(Math.Min(issuedAt, 253402300799)));
    }

    static string? KeyIdOf(string token)
    {
        try
        {
            return new JsonWebToken(token).Kid;
        }
        catch (ArgumentException)
        {
            return null; // not a token at all: the check that follows refuses it
        }
    }

    public void Dispose() => _principals.Dispose();
}
