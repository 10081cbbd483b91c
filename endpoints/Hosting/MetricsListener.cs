using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace EdTech.Hosting;

/// <summary>
/// Shows Prometheus this process's metrics at <c>/metrics</c>, on an address of their own: what the public reaches must not tell how much is sold,
/// and a listener that is not the public one needs no rule for who may read.
/// </summary>
sealed class MetricsListener(IConfiguration configuration, MeterProvider meters, ILogger<MetricsListener> logger) : IHostedService
{
    public const string Setting = "EDTECH_METRICS_LISTEN";
    WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(configuration[Setting]!).ConfigureKestrel(k => k.AddServerHeader = false);
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, null, null, null, null);
        await _app.StartAsync(cancellationToken);
        logger.LogInformation("Metrics are at {Address}/metrics", configuration[Setting]);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
            await _app.DisposeAsync();
        }
    }
}
