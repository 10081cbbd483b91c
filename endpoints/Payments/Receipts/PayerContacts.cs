using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace EdTech.Payments;

/// <summary>Asks the users' endpoint where a payer is written to, each time anew: address and name are neither stored nor logged here.</summary>
sealed class PayerContacts(IHttpClientFactory clients, IConfiguration configuration)
{
    /// <summary>The person, or null when the account is gone.</summary>
    public async Task<AccountContact?> Find(Guid accountId, CancellationToken ct)
    {
        using var client = clients.CreateClient(nameof(PayerContacts));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(configuration.WorkerUrl("users"), $"/internal/users/accounts/{accountId}/contact"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", configuration.Required("EDTECH_INTERNAL_KEY"));
        using var response = await client.SendAsync(request, ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(UsersJson.Web.AccountContact, ct);
    }

    public static void AddTo(IServiceCollection services)
    {
        services.AddHttpClient(nameof(PayerContacts), client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // the pipeline below has the time-out
                client.MaxResponseContentBufferSize = 64 * 1024;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                ConnectTimeout = TimeSpan.FromSeconds(2),
                AllowAutoRedirect = false,
                UseCookies = false,
            })
            .AddResilienceHandler("internal", pipeline => pipeline
                .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
                {
                    SamplingDuration = TimeSpan.FromSeconds(10),
                    MinimumThroughput = 20,
                    FailureRatio = 0.5,
                    BreakDuration = TimeSpan.FromSeconds(2),
                    ShouldHandle = static call => ValueTask.FromResult(call.Outcome.Exception is HttpRequestException or TimeoutRejectedException || (int?)call.Outcome.Result?.StatusCode >= 500),
                })
                .AddTimeout(TimeSpan.FromSeconds(6)));
        services.AddSingleton<PayerContacts>();
        services.AddSingleton<MailServer>();
        services.AddSingleton<ReceiptMail>();
    }
}
