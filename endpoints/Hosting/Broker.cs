using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Hosting;

/// <summary>One program's connections to RabbitMQ: the client recovers them by itself; this waits for the first success.</summary>
sealed class Broker(Uri uri, string name, ILogger logger) : IAsyncDisposable
{
    readonly SemaphoreSlim _gate = new(1, 1);
    readonly ConcurrentDictionary<string, IConnection> _connections = new(StringComparer.Ordinal);

    public bool IsOpen => !_connections.IsEmpty && _connections.Values.All(c => c.IsOpen);

    /// <summary>The connection for one purpose, opened on first use however long the broker takes to be there.</summary>
    public async Task<IConnection> Connection(string purpose, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_connections.TryGetValue(purpose, out var known))
            {
                return known;
            }

            var factory = new ConnectionFactory
            {
                Uri = uri,
                AutomaticRecoveryEnabled = true,
                TopologyRecoveryEnabled = true,
                NetworkRecoveryInterval = TimeSpan.FromSeconds(1),
                RequestedHeartbeat = TimeSpan.FromSeconds(10),
                ContinuationTimeout = TimeSpan.FromSeconds(20),
            };
            for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
            {
                try
                {
                    return _connections[purpose] = await factory.CreateConnectionAsync($"{name} {purpose}", ct);
                }
                catch (BrokerUnreachableException exception)
                {
                    logger.LogWarning("{Endpoint} waits for the broker at {Host}:{Port}: {Reason}", name, uri.Host, uri.Port, exception.InnerException?.Message ?? exception.Message);
                    await Task.Delay(wait, ct);
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
        {
            await connection.DisposeAsync();
        }

        _gate.Dispose();
    }
}
