using EdTech.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Hosting;

/// <summary>Adds Kafka to a host.</summary>
public static class StreamSetup
{
    /// <summary>Registers <see cref="IStreamProducer"/>; the topics are made at start when they are missing.</summary>
    public static IServiceCollection AddStreamProducer(this IServiceCollection services, params IReadOnlyList<StreamTopic> topics)
        => throw new NotImplementedException();

    /// <summary>Runs a stream worker in the host. Its topic and dead-letter topic are made at start when they are missing.</summary>
    public static IServiceCollection AddStreamWorker<TWorker, TRecord>(this IServiceCollection services)
        where TWorker : StreamWorker<TRecord>
        where TRecord : class, IStreamRecord
        => throw new NotImplementedException();
}
