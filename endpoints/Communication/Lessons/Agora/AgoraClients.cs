using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace EdTech.Communication;

/// <summary>How Agora is reached, and where it puts recordings. The simulator is used by naming its address.</summary>
sealed record AgoraSettings(Uri Api, string AppId, string Certificate, string CustomerId, string CustomerSecret, string WebhookSecret, RecordingsBucket Bucket)
{
    public static AgoraSettings From(IConfiguration configuration) => new(
        new Uri(configuration["EDTECH_AGORA_API"] is { Length: > 0 } api ? api : "https://api.agora.io"),
        configuration.Required("EDTECH_AGORA_APP_ID"),
        configuration.Required("EDTECH_AGORA_APP_CERTIFICATE"),
        configuration.Required("EDTECH_AGORA_CUSTOMER_ID"),
        configuration.Required("EDTECH_AGORA_CUSTOMER_SECRET"),
        configuration.Required("EDTECH_AGORA_WEBHOOK_SECRET"),
        new RecordingsBucket(
            configuration.GetValue("EDTECH_RECORDINGS_VENDOR", 1),
            configuration.GetValue("EDTECH_RECORDINGS_REGION", 0),
            configuration["EDTECH_RECORDINGS_BUCKET"] ?? "edtech-recordings",
            configuration["EDTECH_RECORDINGS_KEY"] ?? "",
            configuration["EDTECH_RECORDINGS_SECRET"] ?? ""));

    /// <summary>Without keys: settings are printed by debuggers and logs.</summary>
    public override string ToString() => $"Agora at {Api}, app {AppId}";
}

/// <summary>A bucket in Agora's words: vendor 1 is Amazon S3, regions are numbered per vendor.</summary>
sealed record RecordingsBucket(int Vendor, int Region, string Name, string Key, string Secret)
{
    public override string ToString() => Name;
}

static class AgoraClients
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton(provider => AgoraSettings.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton(provider => LessonTimes.From(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton(provider => RecorderClock.From(provider.GetRequiredService<IConfiguration>()));
        services.AddHttpClient(nameof(AgoraApi), client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // the pipeline below has the time-out
                client.MaxResponseContentBufferSize = 1024 * 1024;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(5), AllowAutoRedirect = false, UseCookies = false })
            // No retries here: what is open is asked again by the recorder's clock.
            .AddResilienceHandler("agora", pipeline => pipeline
                .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions { SamplingDuration = TimeSpan.FromSeconds(10), MinimumThroughput = 20, FailureRatio = 0.5, BreakDuration = TimeSpan.FromSeconds(2) })
                .AddTimeout(TimeSpan.FromSeconds(10)));
        services.AddSingleton<AgoraApi>();
    }
}
