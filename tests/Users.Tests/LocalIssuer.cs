using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdTech.Users.Tests;

/// <summary>An OpenID provider of our own: publishes its keys over HTTP and signs what a test asks for, lies included.</summary>
public sealed class LocalIssuer : IAsyncDisposable
{
    static readonly JsonWebTokenHandler Writer = new() { SetDefaultTimesOnTokenCreation = false };
    readonly RSA _rsa = RSA.Create(2048);
    readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    WebApplication _app = null!;
    int _asked;

    public string Url { get; private set; } = "";

    public int TimesAsked => _asked;

    public static async Task<LocalIssuer> Start()
    {
        var issuer = new LocalIssuer { Url = $"http://127.0.0.1:{Infrastructure.FreePort()}" };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(issuer.Url);
        issuer._app = builder.Build();
        issuer._app.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref issuer._asked);
            return Results.Text(issuer.KeySet(), "application/json");
        });
        await issuer._app.StartAsync();
        return issuer;
    }

    public string RsaToken(string subject, string? email, bool emailVerified, string nonce = "n-1", Action<SecurityTokenDescriptor>? change = null)
        => Token(new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "rsa" }, SecurityAlgorithms.RsaSha256), subject, email, emailVerified, nonce, change);

    public string EcToken(string subject, string? email, bool emailVerified, string nonce = "n-1")
        => Token(new SigningCredentials(new ECDsaSecurityKey(_ec) { KeyId = "ec" }, SecurityAlgorithms.EcdsaSha256), subject, email, emailVerified, nonce, null);

    /// <summary>Names our key, and is signed by another.</summary>
    public string ForgedToken(string subject, string email)
    {
        using var other = RSA.Create(2048);
        return Token(new SigningCredentials(new RsaSecurityKey(other) { KeyId = "rsa", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } }, SecurityAlgorithms.RsaSha256), subject, email, true, "n-1", null);
    }

    /// <summary>Signed with the public key as if it were a shared secret: the old confusion of algorithms.</summary>
    public string ConfusedToken(string subject, string email)
        => Token(new SigningCredentials(new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()) { KeyId = "rsa" }, SecurityAlgorithms.HmacSha256), subject, email, true, "n-1", null);

    string Token(SigningCredentials credentials, string subject, string? email, bool emailVerified, string nonce, Action<SecurityTokenDescriptor>? change)
    {
        var now = DateTime.UtcNow;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = "edtech-web",
            IssuedAt = now,
            Expires = now.AddMinutes(10),
            SigningCredentials = credentials,
            Claims = new Dictionary<string, object> { ["sub"] = subject, ["nonce"] = nonce, ["email_verified"] = emailVerified, ["name"] = "Grace Hopper", ["jti"] = Guid.NewGuid().ToString() },
        };
        if (email is not null)
        {
            descriptor.Claims["email"] = email;
        }

        change?.Invoke(descriptor);
        return Writer.CreateToken(descriptor);
    }

    string KeySet()
    {
        var rsa = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "rsa" });
        var ec = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(ECDsa.Create(_ec.ExportParameters(false))) { KeyId = "ec" });
        return $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"rsa","n":"{{rsa.N}}","e":"{{rsa.E}}"},{"kty":"EC","use":"sig","alg":"ES256","kid":"ec","crv":"P-256","x":"{{ec.X}}","y":"{{ec.Y}}"}]}""";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
        _ec.Dispose();
    }
}
