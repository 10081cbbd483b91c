using EdTech.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>Adds Kafka to a host.</summary>
public static class StreamSetup
{
    /// <summary>Registers <see cref="IStreamProducer"/>; the topics are made at start when they are missing.</summary>
    public static IServiceCollection AddStreamProducer(this IServiceCollection services, params IReadOnlyList<StreamTopic> topics)
    {
        foreach (var topic in topics)
        {
            services.AddSingleton(new WantedTopic(topic));
        }

        if (services.Any(s => s.ServiceType == typeof(IStreamProducer)))
        {
            return services;
        }

        services.AddHttpClient();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StreamSettings>();
        services.AddSingleton(p => new StreamSource(p.GetService<EndpointRuntime>()?.Worker.Name ?? p.GetRequiredService<IHostEnvironment>().ApplicationName));
        services.AddSingleton<KafkaConnection>();
        services.AddHostedService(p => p.GetRequiredService<KafkaConnection>());
        services.AddSingleton<StreamTopicMaker>();
        services.AddHostedService(p => p.GetRequiredService<StreamTopicMaker>());
        services.AddSingleton<StreamProducer>();
        services.AddSingleton<IStreamProducer>(p => p.GetRequiredService<StreamProducer>());
        return services;
    }

    /// <summary>Runs a stream worker in the host. Its topic and dead-letter topic are made at start when they are missing.</summary>
    public static IServiceCollection AddStreamWorker<TWorker, TRecord>(this IServiceCollection services)
        where TWorker : StreamWorker<TRecord>
        where TRecord : class, IStreamRecord
    {
        services.AddStreamProducer();
        services.AddSingleton<TWorker>();
        services.AddSingleton(p => StandardChecks.Lag(p.GetRequiredService<StreamSettings>().GroupOnBroker(p.GetRequiredService<TWorker>().Group)));
        // Not AddHostedService: it takes one of each type, and two workers may read the same records.
        services.AddSingleton<IHostedService>(p => new StreamConsumer<TRecord>(
            p.GetRequiredService<TWorker>(),
            p.GetRequiredService<StreamSettings>(),
            p.GetRequiredService<StreamTopicMaker>(),
            p.GetRequiredService<StreamProducer>(),
            p.GetService<MessagePump>()?.Prepared ?? Task.CompletedTask,
            p.GetRequiredService<ILogger<StreamConsumer<TRecord>>>()));
        return services;
    }
}
