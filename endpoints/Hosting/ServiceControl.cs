using Microsoft.Extensions.Configuration;

namespace EdTech.Hosting;

/// <summary>What is reported to ServiceControl. Off unless <c>EDTECH_SERVICECONTROL=1</c>, because it needs ServiceControl's queues.</summary>
sealed class ServiceControlOptions
{
    public const string AuditQueue = "audit";

    public bool Audit { get; init; }

    public MetricsReporter? Metrics { get; init; }

    public static ServiceControlOptions From(IConfiguration configuration, HostIdentity host)
    {
        var enabled = configuration["EDTECH_SERVICECONTROL"] is "1" or "true";
        return new ServiceControlOptions { Audit = enabled, Metrics = enabled ? new MetricsReporter(host) : null };
    }

    /// <summary>Sends the audit copy and the confirmation of a retry, and notes the times of a handled message.</summary>
    public async Task Processed(EndpointRuntime runtime, IncomingMessage message, DateTimeOffset ended, TimeSpan duration, CancellationToken ct)
    {
        var confirms = message.Headers.ContainsKey(Headers.RetryUniqueMessageId) && message.Headers.ContainsKey(Headers.RetryAcknowledgementQueue);
        if (confirms)
        {
            await runtime.Publisher.Forward(message.Headers[Headers.RetryAcknowledgementQueue], new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [Headers.RetrySuccessful] = WireTime.ToWire(ended),
                [Headers.RetryUniqueMessageId] = message.Headers[Headers.RetryUniqueMessageId],
                [Headers.ControlMessage] = "True",
                [Headers.Version] = OutgoingMessage.WireVersion,
                [Headers.TimeSent] = WireTime.ToWire(ended),
            }, ReadOnlyMemory<byte>.Empty, null, ct);
        }

        Metrics?.Processed(message.Headers, ended, duration);
        if (!Audit || message.Headers.ContainsKey(Headers.ControlMessage))
        {
            return;
        }

        var copy = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal)
        {
            [Headers.ProcessingStarted] = WireTime.ToWire(ended - duration),
            [Headers.ProcessingEnded] = WireTime.ToWire(ended),
            [Headers.ProcessingEndpoint] = runtime.Host.Endpoint,
            [Headers.ProcessingMachine] = OutgoingMessage.Machine,
            [Headers.HostId] = runtime.Host.HostIdN,
            [Headers.HostDisplayName] = runtime.Host.DisplayName,
        };
        if (confirms)
        {
            copy[Headers.RetryAcknowledgementSent] = "true";
        }

        await runtime.Publisher.Forward(AuditQueue, copy, message.Body, null, ct);
    }
}
