using System.Collections.Concurrent;
using EdTech.Contracts.Users;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.IdentityModel.Tokens;
using Polly;

namespace EdTech.Users;

/// <summary>One company that vouches for people: its issuer, its keys, and the client ids that are ours.</summary>
/// <param name="Issuers">What tokens may name as issuer.</param>
/// <param name="Keys">Where its JSON Web Key Set is.</param>
/// <param name="ClientIds">Our audiences: web, iOS, Android.</param>
/// <param name="VerifiesEmail">Whether its claim <c>email_verified</c> can be believed; Facebook makes none.</param>
sealed record SocialProviderSettings(string[] Issuers, Uri Keys, string[] ClientIds, bool VerifiesEmail);

/// <summary>The provider did not give its keys.</summary>
sealed class ProviderUnavailableException(SocialProvider provider, Exception inner)
    : Exception($"The published keys of {provider} could not be read, so nobody can sign in with it. Check EDTECH_SOCIAL_{provider.ToString().ToUpperInvariant()}_JWKS and the way out of this network.", inner);

/// <summary>
/// Settings and published keys of the providers: <c>EDTECH_SOCIAL_GOOGLE_CLIENT_ID</c> (several separated by commas) switches one on;
/// <c>..._ISSUER</c> and <c>..._JWKS</c> point elsewhere, which is how tests bring an issuer of their own.
/// </summary>
sealed class SocialProviders(IConfiguration configuration, IHttpClientFactory clients, TimeProvider time) : IDisposable
{
    static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);
    static readonly TimeSpan NotAgainBefore = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<SocialProvider, CachedKeys> _keys = new();
    readonly SemaphoreSlim _fetching = new(1);

    /// <summary>Null when the provider is not switched on.</summary>
    public SocialProviderSettings? Settings(SocialProvider provider)
    {
        var name = $"EDTECH_SOCIAL_{provider.ToString().ToUpperInvariant()}";
        if (configuration[$"{name}_CLIENT_ID"] is not { Length: > 0 } clientIds)
        {
            return null;
        }

        var (issuers, keys, verifies) = provider switch
        {
            SocialProvider.Google => ((string[])["https://accounts.google.com", "accounts.google.com"], "https://www.googleapis.com/oauth2/v3/certs", true),
            SocialProvider.Apple => (["https://appleid.apple.com"], "https://appleid.apple.com/auth/keys", true),
            _ => (["https://www.facebook.com"], "https://www.facebook.com/.well-known/oauth/openid/jwks/", false),
        };
        return new(
            configuration[$"{name}_ISSUER"] is { Length: > 0 } issuer ? [issuer] : issuers,
            new Uri(configuration[$"{name}_JWKS"] is { Length: > 0 } jwks ? jwks : keys),
            clientIds.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            verifies);
    }

    /// <summary>The provider's keys; read again when <paramref name="keyId"/> is not among them, at most once a minute.</summary>
    public async Task<IList<SecurityKey>> Keys(SocialProvider provider, SocialProviderSettings settings, string keyId, CancellationToken ct)
    {
        if (Fresh(provider, keyId) is { } cached)
        {
            return cached;
        }

        if (!await _fetching.WaitAsync(TimeSpan.FromSeconds(10), ct))
        {
            throw new ProviderUnavailableException(provider, new TimeoutException("Another request waits for the keys too."));
        }

        try
        {
            if (Fresh(provider, keyId) is { } meanwhile)
            {
                return meanwhile;
            }

            using var client = clients.CreateClient(nameof(SocialProviders));
            var keys = new JsonWebKeySet(await client.GetStringAsync(settings.Keys, ct)).GetSigningKeys();
            _keys[provider] = new(keys, time.GetUtcNow());
            return keys;
        }
        catch (Exception exception) when (exception is HttpRequestException or ExecutionRejectedException or TaskCanceledException or ArgumentException && !ct.IsCancellationRequested)
        {
            throw new ProviderUnavailableException(provider, exception);
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose() => _fetching.Dispose();

    public static void AddTo(IServiceCollection services)
    {
        services.AddHttpClient(nameof(SocialProviders), client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // the pipeline below has the time-out
                client.MaxResponseContentBufferSize = 256 * 1024;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(3), UseCookies = false })
            // One asks at a time and the others wait for it: three in vain are enough. A breaker for each provider: the pipeline is one per authority.
            .AddResilienceHandler("social", pipeline => pipeline
                .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions { SamplingDuration = TimeSpan.FromSeconds(30), MinimumThroughput = 3, FailureRatio = 0.5, BreakDuration = TimeSpan.FromSeconds(5) })
                .AddTimeout(TimeSpan.FromSeconds(5)))
            .SelectPipelineByAuthority();
        services.AddSingleton<SocialProviders>();
    }

    IList<SecurityKey>? Fresh(SocialProvider provider, string keyId)
    {
        if (!_keys.TryGetValue(provider, out var cached))
        {
            return null;
        }

        var age = time.GetUtcNow() - cached.ReadAt;
        var known = cached.Keys.Any(k => k.KeyId == keyId);
        return age < NotAgainBefore || (known && age < KeptFor) ? cached.Keys : null;
    }

    sealed record CachedKeys(IList<SecurityKey> Keys, DateTimeOffset ReadAt);
}
