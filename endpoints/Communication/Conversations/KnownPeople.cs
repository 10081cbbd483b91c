using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace EdTech.Communication;

/// <summary>Asks the users' endpoint whether people exist. Who existed once is not asked for again.</summary>
sealed class KnownPeople(IHttpClientFactory clients, IConfiguration configuration)
{
    const int MaxRemembered = 200_000;
    readonly ConcurrentDictionary<Guid, bool> _known = new();

    /// <summary>Those of the ids that are nobody's.</summary>
    public async Task<IReadOnlyList<Guid>> Unknown(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        var asked = ids.Where(i => !_known.ContainsKey(i)).ToArray();
        if (asked.Length == 0)
        {
            return [];
        }

        using var client = clients.CreateClient(nameof(KnownPeople));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(configuration.WorkerUrl("users"), $"/internal/users/people?ids={string.Join(',', asked)}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", configuration.Required("EDTECH_INTERNAL_KEY"));
        using var response = await client.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        var found = await response.Content.ReadFromJsonAsync<Guid[]>(ct) ?? [];
        if (_known.Count > MaxRemembered)
        {
            _known.Clear();
        }

        foreach (var id in found)
        {
            _known[id] = true;
        }

        return [.. asked.Except(found)];
    }

    public static void AddTo(IServiceCollection services)
    {
        services.AddHttpClient(nameof(KnownPeople), client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // the pipeline below has the time-out
                client.MaxResponseContentBufferSize = 64 * 1024;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(2), AllowAutoRedirect = false, UseCookies = false })
            .AddResilienceHandler("internal", pipeline => pipeline
                .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions { SamplingDuration = TimeSpan.FromSeconds(10), MinimumThroughput = 20, FailureRatio = 0.5, BreakDuration = TimeSpan.FromSeconds(2) })
                .AddTimeout(TimeSpan.FromSeconds(6)));
        services.AddSingleton<KnownPeople>();
    }
}
