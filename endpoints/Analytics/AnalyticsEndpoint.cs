using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Analytics;

/// <summary>Carries every event of the bus to Kafka, and keeps what clients report.</summary>
public static class AnalyticsEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Analytics";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(
            // An event waits for Kafka's acknowledgement and nothing else, so many wait together. Outages are waited for without counting a try;
            // what fails otherwise fails again.
            new Worker(Name, typeof(AnalyticsEndpoint).Assembly) { Concurrency = 128, DelayedRetries = [] }
                .WithoutStorage(table: true)
                .InOrderOf(AppendEveryEvent.KeyOf)
                .Services(services =>
                {
                    services.AddStreamProducer([.. EventStreams.Domains.Select(StreamTopics.EventsOf)]);
                    services.AddStreamWorker<BehaviourWorker, BehaviourRecord>();
                    services.AddSingleton<BehaviourLog>();
                    services.AddSingleton<IdentityMerges>();
                })
                .Queries(app =>
                {
                    ListBehaviour.Map(app);
                    CountBehaviour.Map(app);
                }),
            args);
}
