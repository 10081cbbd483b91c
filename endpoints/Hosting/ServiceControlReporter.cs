using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Hosting;

/// <summary>Registers the endpoint with ServiceControl, sends heartbeats every 10 s and metrics for its monitoring instance.</summary>
sealed class ServiceControlReporter(EndpointRuntime runtime, MessagePump pump) : BackgroundService
{
    const string ServiceControlQueue = "Particular.ServiceControl";
    const string MonitoringQueue = "Particular.Monitoring";
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan MetricsExpiration = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (runtime.ServiceControl.Metrics is not { } metrics)
        {
            return;
        }

        var host = runtime.Host;
        var startedAt = runtime.Time.GetUtcNow().UtcDateTime;
        var registered = false;
        using var timer = new PeriodicTimer(Interval, runtime.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!pump.IsRunning)
            {
                continue;
            }

            try
            {
                if (!registered)
                {
                    await Send("ServiceControl.Plugin.Heartbeat.Messages.RegisterEndpointStartup", new
                    {
                        host.HostId,
                        host.Endpoint,
                        StartedAt = startedAt,
                        HostProperties = new Dictionary<string, string>(StringComparer.Ordinal) { ["Machine"] = OutgoingMessage.Machine, ["ProcessID"] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture) },
                        HostDisplayName = host.DisplayName,
                        Host = OutgoingMessage.Machine,
                    }, stoppingToken);
                    registered = true;
                }

                await Send("ServiceControl.Plugin.Heartbeat.Messages.EndpointHeartbeat", new
                {
                    ExecutedAt = runtime.Time.GetUtcNow().UtcDateTime,
                    EndpointName = host.Endpoint,
                    host.HostId,
                    Host = OutgoingMessage.Machine,
                }, stoppingToken);
                var metadata = metrics.SenderHeaders("application/json");
                metadata[Headers.EnclosedMessageTypes] = "NServiceBus.Metrics.EndpointMetadataReport";
                await runtime.Publisher.Forward(MonitoringQueue, metadata, JsonSerializer.SerializeToUtf8Bytes(new { PluginVersion = 3, LocalAddress = host.Address }), MetricsExpiration, stoppingToken);
                foreach (var (headers, body) in metrics.Flush())
                {
                    await runtime.Publisher.Forward(MonitoringQueue, headers, body, MetricsExpiration, stoppingToken);
                }
            }
            catch (Exception e) when (e is OperationInterruptedException or AlreadyClosedException or BrokerUnavailableException or PublishException)
            {
                runtime.Logger.LogWarning("{Endpoint} could not report to ServiceControl: {Reason}. Are its queues there (ServiceControl --setup)?", host.Endpoint, e.Message);
            }
        }
    }

    Task Send(string type, object body, CancellationToken ct)
        => runtime.Publisher.Forward(ServiceControlQueue, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Headers.EnclosedMessageTypes] = type,
            [Headers.ContentType] = "application/json",
            [Headers.MessageIntent] = "Send",
            [Headers.ReplyToAddress] = runtime.Host.Address,
        }, JsonSerializer.SerializeToUtf8Bytes(body), 4 * Interval, ct);
}
