using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;

namespace EdTech.Analytics;

/// <summary>Carries every event of the bus to Kafka, and keeps what clients report.</summary>
public static class AnalyticsEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Analytics";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(
            new Worker(Name, typeof(AnalyticsEndpoint).Assembly)
                .WithoutStorage(),
            args);
}
