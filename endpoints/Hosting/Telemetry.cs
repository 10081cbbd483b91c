using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EdTech.Hosting;

/// <summary>Traces and metrics of the runtime, by the messaging semantic conventions.</summary>
public static class Telemetry
{
    /// <summary>Name of the runtime's activity source and meter.</summary>
    public const string SourceName = "EdTech.Hosting";

    static readonly ActivitySource Source = new(SourceName);
    static readonly ConcurrentDictionary<string, StorageBacklog> Backlogs = new(StringComparer.Ordinal);
    static readonly Meter Meter = new(SourceName);
    static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("messaging.process.duration", "s", "Time from taking a message to having sent what it caused", null, Seconds);
    static readonly Histogram<double> CriticalTime = Meter.CreateHistogram<double>("edtech.messaging.critical_time", "s", "Time from sending a message to its being handled", null, Seconds);
    static readonly Counter<long> Consumed = Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages handled");
    static readonly UpDownCounter<long> InHand = Meter.CreateUpDownCounter<long>("edtech.messaging.in_flight", "{message}", "Messages taken by a worker whose effects are not committed and sent yet");
    static readonly UpDownCounter<long> Pending = Meter.CreateUpDownCounter<long>("edtech.session.pending", "{request}", "Requests over the bus whose answer is awaited");
    static readonly ObservableGauge<long> Outbox = Meter.CreateObservableGauge(
        "edtech.messaging.outbox.backlog", () => Backlogs.Select(b => Of(b.Value.Outbox, b.Key)), "{message}", "Messages (on DynamoDB: handled messages with some) that are committed but not sent, at most 10,000");
    static readonly ObservableGauge<double> OutboxAge = Meter.CreateObservableGauge(
        "edtech.messaging.outbox.age", () => Backlogs.Select(b => Of(b.Value.OldestOutbox is { } at ? (DateTimeOffset.UtcNow - at).TotalSeconds : 0, b.Key)), "s", "Age of the oldest of them, 0 when there is none");
    static readonly ObservableGauge<long> Sagas = Meter.CreateObservableGauge(
        "edtech.saga.open", () => Backlogs.SelectMany(b => b.Value.Sagas.Select(s => Of(s.Open, b.Key, s.Type))), "{saga}", "Sagas that are not completed, of endpoints on PostgreSQL");
    static readonly ObservableGauge<double> SagaAge = Meter.CreateObservableGauge(
        "edtech.saga.age", () => Backlogs.SelectMany(b => b.Value.Sagas.Select(s => Of((DateTimeOffset.UtcNow - s.Oldest).TotalSeconds, b.Key, s.Type))), "s", "Age of the oldest of them");
    static int _registered;

    /// <summary>Boundaries of our histograms of seconds; the library's own are made for milliseconds.</summary>
    internal static InstrumentAdvice<double> Seconds => new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800] };

    internal static Counter<long> Retries { get; } = Meter.CreateCounter<long>("edtech.messaging.retries", "{message}", "Immediate and delayed retries");

    internal static Counter<long> Failures { get; } = Meter.CreateCounter<long>("edtech.messaging.failures", "{message}", "Messages moved to the error queue");

    internal static Counter<long> InboxHits { get; } = Meter.CreateCounter<long>("edtech.messaging.inbox.hits", "{message}", "Duplicates that the inbox noticed");

    internal static Counter<long> Swept { get; } = Meter.CreateCounter<long>("edtech.messaging.outbox.swept", "{message}", "Messages sent by the sweeper after an interruption");

    /// <summary>
    /// Registers OpenTelemetry once per process, however many hosts run joined in it: listeners are process-wide and would count everything
    /// once per host. Traces are sent where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, and metrics too unless they are shown to Prometheus at
    /// <c>EDTECH_METRICS_LISTEN</c>. Without either nothing is measured.
    /// </summary>
    public static IServiceCollection AddPlatformTelemetry(this IServiceCollection services, IConfiguration configuration, string serviceName)
    {
        var send = configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        var show = configuration[MetricsListener.Setting] is { Length: > 0 };
        if (!(send || show) || Interlocked.Exchange(ref _registered, 1) == 1)
        {
            return services;
        }

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(configuration["OTEL_SERVICE_NAME"] ?? serviceName))
            .WithMetrics(m =>
            {
                m.AddMeter(SourceName).AddMeter("Npgsql").AddMeter("Microsoft.AspNetCore.Hosting").AddMeter("Microsoft.AspNetCore.Server.Kestrel").AddMeter("System.Runtime");
                _ = show ? m.AddPrometheusExporter() : m.AddOtlpExporter();
            });
        if (send)
        {
            telemetry.WithTracing(t => t.AddSource(SourceName).AddSource("Npgsql").AddSource("Microsoft.AspNetCore.SignalR.Server")
                .AddAspNetCoreInstrumentation(o => o.Filter = http => !http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
                .AddHttpClientInstrumentation()
                .AddOtlpExporter());
        }

        if (show)
        {
            services.AddHostedService<MetricsListener>();
        }

        return services;
    }

    /// <summary>Logs of every line as one JSON object, with the ids of its trace and its message, where <c>EDTECH_LOG</c> is <c>json</c>; as text for people otherwise.</summary>
    public static ILoggingBuilder AddPlatformLog(this ILoggingBuilder logging, IConfiguration configuration)
        => configuration["EDTECH_LOG"] == "json"
            ? logging.AddJsonConsole(o =>
            {
                o.IncludeScopes = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "O";
            })
            : logging;

    internal static Activity? StartProcess(IncomingMessage message, string endpoint)
    {
        if (!Source.HasListeners())
        {
            // Nobody collects spans; the logs and the messages that follow name the trace all the same.
            var trace = new Activity($"process {endpoint}");
            if (message.Headers.GetValueOrDefault(Headers.TraceParent) is { } traceParent)
            {
                trace.SetParentId(traceParent);
                trace.TraceStateString = message.Headers.GetValueOrDefault(Headers.TraceState);
            }

            return trace.Start();
        }

        _ = ActivityContext.TryParse(message.Headers.GetValueOrDefault(Headers.TraceParent), message.Headers.GetValueOrDefault(Headers.TraceState), out var parent);
        var activity = Source.StartActivity($"process {endpoint}", ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.system", "rabbitmq");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", endpoint);
        activity?.SetTag("messaging.message.id", message.MessageId);
        activity?.SetTag("edtech.message.type", NameOf(message.Headers.GetValueOrDefault(Headers.EnclosedMessageTypes)));
        activity?.SetTag("messaging.message.conversation_id", message.Headers.GetValueOrDefault(Headers.ConversationId));
        return activity;
    }

    static string? NameOf(string? enclosedTypes) => enclosedTypes?.Split(',', ';')[0].Split('.')[^1];

    internal static void Handled(string endpoint, IncomingMessage message, long started, DateTimeOffset now)
    {
        var tag = new KeyValuePair<string, object?>("messaging.destination.name", endpoint);
        Consumed.Add(1, tag);
        if (Duration.Enabled)
        {
            Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tag);
        }

        if (CriticalTime.Enabled && (WireTime.FromWire(message.Headers.GetValueOrDefault(Headers.DeliverAt)) ?? WireTime.FromWire(message.Headers.GetValueOrDefault(Headers.TimeSent))) is { } sent)
        {
            CriticalTime.Record((now - sent).TotalSeconds, tag);
        }
    }

    /// <summary>Shows the endpoint's counters from the beginning: Prometheus sees no increase in the first number that there is.</summary>
    internal static void Begin(string endpoint)
    {
        foreach (var counter in new[] { Consumed, Retries, Failures, InboxHits, Swept })
        {
            counter.Add(0, new KeyValuePair<string, object?>("messaging.destination.name", endpoint));
        }
    }

    /// <summary>Messages that a worker takes into its hand (positive) or has finished with.</summary>
    internal static void Take(string endpoint, int messages) => InHand.Add(messages, new KeyValuePair<string, object?>("messaging.destination.name", endpoint));

    internal static void Ask(string sender, int requests) => Pending.Add(requests, new KeyValuePair<string, object?>("edtech.session.name", sender));

    internal static bool BacklogIsWatched => Outbox.Enabled || OutboxAge.Enabled || Sagas.Enabled || SagaAge.Enabled;

    internal static void Waits(string endpoint, StorageBacklog backlog) => Backlogs[endpoint] = backlog;

    static Measurement<T> Of<T>(T value, string endpoint)
        where T : struct
        => new(value, new KeyValuePair<string, object?>("messaging.destination.name", endpoint));

    static Measurement<T> Of<T>(T value, string endpoint, string saga)
        where T : struct
        => new(value, new("messaging.destination.name", endpoint), new("edtech.saga.type", saga));
}
