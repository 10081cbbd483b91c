using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Stripe;

namespace EdTech.Payments;

/// <summary>How Stripe is reached. Real keys and no address use the real Stripe; the simulator is used by naming its address.</summary>
sealed record StripeSettings(Uri Api, string SecretKey, string PublishableKey, string WebhookSecret)
{
    public static StripeSettings From(IConfiguration configuration) => new(
        new Uri(configuration["EDTECH_STRIPE_API"] ?? "https://api.stripe.com"),
        configuration.Required("EDTECH_STRIPE_SECRET_KEY"),
        configuration.Required("EDTECH_STRIPE_PUBLISHABLE_KEY"),
        configuration.Required("EDTECH_STRIPE_WEBHOOK_SECRET"));
}

static class StripeClients
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton(provider => StripeSettings.From(provider.GetRequiredService<IConfiguration>()));
        services.AddHttpClient(nameof(StripeApi), client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                ConnectTimeout = TimeSpan.FromSeconds(5),
                UseCookies = false,
            })
            // No retries here: the message that ordered the call is retried, with the same idempotency key.
            .AddResilienceHandler("stripe", pipeline => pipeline
                .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
                {
                    SamplingDuration = TimeSpan.FromSeconds(10),
                    MinimumThroughput = 20,
                    FailureRatio = 0.5,
                    BreakDuration = TimeSpan.FromSeconds(2),
                    ShouldHandle = static call => ValueTask.FromResult(call.Outcome.Exception is HttpRequestException or Polly.Timeout.TimeoutRejectedException || (int?)call.Outcome.Result?.StatusCode >= 500),
                })
                .AddTimeout(TimeSpan.FromSeconds(15)));
        services.AddSingleton<StripeApi>();
    }
}
