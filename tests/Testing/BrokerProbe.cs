using System.Collections.Concurrent;
using System.Text;
using EdTech.Contracts;
using EdTech.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EdTech.Testing;

/// <summary>A message as it was on the wire.</summary>
public sealed record WireMessage(string Exchange, string RoutingKey, IReadOnlyBasicProperties Properties, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>Listens on the broker with a queue of its own: every event, or whatever it is bound to.</summary>
public sealed class BrokerProbe : IAsyncDisposable
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    readonly MessageTypes _types = new();
    readonly ConcurrentQueue<WireMessage> _received = new();
    readonly Lock _lock = new();
    readonly List<(Func<WireMessage, bool> Wanted, TaskCompletionSource<WireMessage> Found)> _waiting = [];
    IConnection? _connection;

    /// <summary>The channel, for tests that publish by hand.</summary>
    public IChannel Channel { get; private set; } = null!;

    /// <summary>The probe's queue.</summary>
    public string Queue { get; private set; } = null!;

    /// <summary>Everything received so far.</summary>
    public IReadOnlyCollection<WireMessage> Received => _received;

    /// <summary>Connects and binds the probe to every event.</summary>
    public static async Task<BrokerProbe> Connect(string amqp)
    {
        var probe = new BrokerProbe();
        var factory = new ConnectionFactory { Uri = new Uri(amqp) };
        probe._connection = await factory.CreateConnectionAsync("test probe");
        probe.Channel = await probe._connection.CreateChannelAsync();
        // Durable and acknowledged by hand: the probe must miss nothing while a test restarts the broker.
        probe.Queue = $"probe-{Guid.NewGuid():N}";
        await probe.Channel.QueueDeclareAsync(probe.Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-expires"] = 600_000 });
        var events = MessageTypes.ExchangeOf(typeof(IEvent));
        await probe.Channel.ExchangeDeclareAsync(events, ExchangeType.Fanout, durable: true);
        await probe.Channel.QueueBindAsync(probe.Queue, events, "");
        await probe.Consume(probe.Queue);
        return probe;
    }

    /// <summary>Takes the messages of an address, as its owner would; makes its queue where it is missing.</summary>
    public async Task TakeFrom(string address)
    {
        await Topology.DeclareAddress(Channel, address, CancellationToken.None);
        await Consume(address);
    }

    async Task Consume(string queue)
    {
        var consumer = new AsyncEventingBasicConsumer(Channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Receive(delivery);
            await Channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await Channel.BasicConsumeAsync(queue, autoAck: false, consumer);
    }

    /// <summary>Also receives what is published to this fanout exchange.</summary>
    public async Task Listen(string exchange)
    {
        await Channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await Channel.QueueBindAsync(Queue, exchange, "");
    }

    /// <summary>The first message that fits, received already or within the deadline.</summary>
    public async Task<WireMessage> Message(Func<WireMessage, bool> wanted, string what)
    {
        var found = new TaskCompletionSource<WireMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_received.FirstOrDefault(wanted) is { } already)
            {
                return already;
            }

            _waiting.Add((wanted, found));
        }

        try
        {
            return await found.Task.WaitAsync(Deadline);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{what} did not arrive within {Deadline.TotalSeconds} s. Received: {string.Join(", ", _received.GroupBy(m => m.Exchange).Select(g => $"{g.Count()} x {g.Key}"))}", late);
        }
    }

    /// <summary>The first event of this type that fits.</summary>
    public async Task<T> Event<T>(Func<T, bool>? wanted = null)
        where T : IEvent
        => Read<T>(await Message(m => Is<T>(m) && (wanted is null || wanted(Read<T>(m))), typeof(T).Name));

    /// <summary>All events of this type so far.</summary>
    public IReadOnlyList<T> Events<T>()
        where T : IEvent
        => [.. _received.Where(Is<T>).Select(Read<T>)];

    T Read<T>(WireMessage message) => (T)_types.Deserialize(message.Body, typeof(T));

    static bool Is<T>(WireMessage message) => message.Headers.TryGetValue(Hosting.Headers.EnclosedMessageTypes, out var types) && types.StartsWith(typeof(T).FullName + ",", StringComparison.Ordinal);

    void Receive(BasicDeliverEventArgs delivery)
    {
        var headers = (delivery.BasicProperties.Headers ?? new Dictionary<string, object?>())
            .ToDictionary(h => h.Key, h => h.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(h.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal);
        var message = new WireMessage(delivery.Exchange, delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), headers, delivery.Body.ToArray());
        lock (_lock)
        {
            _received.Enqueue(message);
            foreach (var waiter in _waiting.Where(w => w.Wanted(message)).ToArray())
            {
                _waiting.Remove(waiter);
                waiter.Found.TrySetResult(message);
            }
        }
    }

    /// <summary>Disconnects; the queue expires.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await Channel.DisposeAsync();
            await _connection.DisposeAsync();
        }
    }
}
