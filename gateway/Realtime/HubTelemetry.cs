using System.Diagnostics.Metrics;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>Metrics of WebSockets, under the runtime's meter.</summary>
static class HubTelemetry
{
    static readonly Meter Meter = new(Telemetry.SourceName);

    public static UpDownCounter<long> Open { get; } = Meter.CreateUpDownCounter<long>("edtech.sockets.open", "{connection}", "WebSockets that are open");

    public static Counter<long> Sent { get; } = Meter.CreateCounter<long>("edtech.sockets.frames.sent", "{frame}", "Frames written to WebSockets, each for each");

    public static Counter<long> Dropped { get; } = Meter.CreateCounter<long>("edtech.sockets.frames.dropped", "{frame}", "Frames lost to clients that read too slowly; each such client is disconnected and resumes");

    public static Counter<long> Resumes { get; } = Meter.CreateCounter<long>("edtech.sockets.resumes", "{request}", "Requests for what was missed in a conversation");
}
