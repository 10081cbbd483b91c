using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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
    static readonly Meter Meter = new(SourceName);
    static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("messaging.process.duration", "s", "Time from taking a message to having sent what it caused");
    static readonly Histogram<double> CriticalTime = Meter.CreateHistogram<double>("edtech.messaging.critical_time", "s", "Time from sending a message to its being handled");
    static readonly Counter<long> Consumed = Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages handled");
    static int _registered;

    internal static Counter<long> Retries { get; } = Meter.CreateCounter<long>("edtech.messaging.retries", "{message}", "Immediate and delayed retries");

    internal static Counter<long> Failures { get; } = Meter.CreateCounter<long>("edtech.messaging.failures", "{message}", "Messages moved to the error queue");

    internal static Counter<long> InboxHits { get; } = Meter.CreateCounter<long>("edtech.messaging.inbox.hits", "{message}", "Duplicates that the inbox noticed");

    internal static Counter<long> Swept { get; } = Meter.CreateCounter<long>("edtech.messaging.outbox.swept", "{message}", "Messages sent by the sweeper after an interruption");

    /// <summary>
    /// Registers OpenTelemetry once per process, however many hosts run joined in it: listeners are process-wide and would count everything
    /// once per host. Exports only when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.
    /// </summary>
    public static IServiceCollection AddPlatformTelemetry(this IServiceCollection services, IConfiguration configuration, string serviceName)
    {
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 } || Interlocked.Exchange(ref _registered, 1) == 1)
        {
            return services;
        }

        services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(serviceName))
            .WithTracing(t => t.AddSource(SourceName).AddSource("Npgsql").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
            .WithMetrics(m => m.AddMeter(SourceName).AddMeter("Npgsql").AddMeter("Microsoft.AspNetCore.Hosting").AddMeter("System.Runtime"))
            .UseOtlpExporter();
        return services;
    }

    internal static Activity? StartProcess(IncomingMessage message, string endpoint)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(message.Headers.GetValueOrDefault(Headers.TraceParent), message.Headers.GetValueOrDefault(Headers.TraceState), out var parent);
        var activity = Source.StartActivity($"process {endpoint}", ActivityKind.Consumer, parent);
        activity?.SetTag("messaging.system", "rabbitmq");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", endpoint);
        activity?.SetTag("messaging.message.id", message.MessageId);
        activity?.SetTag("messaging.message.conversation_id", message.Headers.GetValueOrDefault(Headers.ConversationId));
        return activity;
    }

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
}
