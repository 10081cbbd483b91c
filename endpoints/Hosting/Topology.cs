using System.Collections.Concurrent;
using EdTech.Contracts;
using RabbitMQ.Client;

namespace EdTech.Hosting;

/// <summary>NServiceBus' conventional routing topology: a fanout exchange per address and per event type, bound along the type's hierarchy.</summary>
sealed class Topology
{
    static readonly Dictionary<string, object?> Quorum = new() { ["x-queue-type"] = "quorum" };
    readonly ConcurrentDictionary<Type, bool> _declared = new();

    public static async Task DeclareAddress(IChannel channel, string address, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(address, ExchangeType.Fanout, durable: true, cancellationToken: ct);
        await channel.QueueDeclareAsync(address, durable: true, exclusive: false, autoDelete: false, Quorum, cancellationToken: ct);
        await channel.QueueBindAsync(address, address, "", cancellationToken: ct);
    }

    /// <summary>A queue of one instance: what nobody reads for an hour goes away, and answers that nobody waits for any more are not kept.</summary>
    public static async Task DeclareInstanceAddress(IChannel channel, string address, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(address, ExchangeType.Fanout, durable: true, cancellationToken: ct);
        await channel.QueueDeclareAsync(address, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
        {
            ["x-expires"] = 3_600_000,
            ["x-message-ttl"] = 120_000,
        }, cancellationToken: ct);
        await channel.QueueBindAsync(address, address, "", cancellationToken: ct);
    }

    public async Task DeclareEvent(IChannel channel, Type type, CancellationToken ct)
    {
        if (_declared.ContainsKey(type))
        {
            return;
        }

        await Declare(channel, type, ct);
        var child = type;
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            await Declare(channel, parent, ct);
            await channel.ExchangeBindAsync(MessageTypes.ExchangeOf(parent), MessageTypes.ExchangeOf(child), "", cancellationToken: ct);
            child = parent;
        }

        // System interfaces are left out: nobody subscribes to IEquatable.
        foreach (var face in type.GetInterfaces().Where(i => !MessageTypes.IsSystem(i)))
        {
            await Declare(channel, face, ct);
            await channel.ExchangeBindAsync(MessageTypes.ExchangeOf(face), MessageTypes.ExchangeOf(type), "", cancellationToken: ct);
        }

        _declared[type] = true;
    }

    public async Task Subscribe(IChannel channel, Type type, string address, CancellationToken ct)
    {
        await DeclareEvent(channel, type, ct);
        await channel.ExchangeBindAsync(address, MessageTypes.ExchangeOf(type), "", cancellationToken: ct);
    }

    /// <summary>The broker may have been wiped: declare again before the next publish.</summary>
    public void Forget() => _declared.Clear();

    static Task Declare(IChannel channel, Type type, CancellationToken ct)
        => channel.ExchangeDeclareAsync(MessageTypes.ExchangeOf(type), ExchangeType.Fanout, durable: true, cancellationToken: ct);

    public static bool IsEvent(Type type) => typeof(IEvent).IsAssignableFrom(type);
}
