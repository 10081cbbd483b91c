using EdTech.PlatformTesting;
using EdTech.Testing;

namespace EdTech.Journeys;

[CollectionDefinition("what operators see")]
public sealed class WhatOperatorsSee : ICollectionFixture<WatchedPlatform>;

/// <summary>The platform in a process of its own, which logs as much as it can, exports its spans to us and shows its metrics.</summary>
public sealed class WatchedPlatform : IAsyncLifetime
{
    /// <summary>Where all requests seem to come from: a documentation address (RFC 5737) that nothing else here has.</summary>
    public const string ClientAddress = "203.0.113.77";

    /// <summary>Where Prometheus would ask.</summary>
    public Uri Metrics { get; } = new($"http://127.0.0.1:{Infrastructure.FreePort()}");

    public OtlpReceiver Otlp { get; private set; } = null!;

    public PlatformUnderTest Platform { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Otlp = await OtlpReceiver.Start();
        Platform = await PlatformUnderTest.StartProcess(
            ("EDTECH_METRICS_LISTEN", Metrics.ToString()),
            ("EDTECH_LOG", "json"),
            ("Logging:LogLevel:Default", "Debug"),
            ("EDTECH_TRUSTED_PROXIES", "127.0.0.1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", Otlp.Url.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1000"));
        Platform.Http.DefaultRequestHeaders.Add("X-Forwarded-For", ClientAddress);
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        await Otlp.DisposeAsync();
    }
}
