using System.Text;
using RabbitMQ.Client;

namespace EdTech.Hosting;

/// <summary>NServiceBus' delayed delivery on RabbitMQ: one queue per bit of the delay in seconds, each holding a message for its power of two.</summary>
static class DelayLevels
{
    public const string DeliveryExchange = "nsb.v2.delay-delivery";
    const int Levels = 28;
    const long MaxSeconds = (1L << Levels) - 1;

    public static string Level(int n) => $"nsb.v2.delay-level-{n:00}";

    public static async Task Declare(IChannel channel, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(DeliveryExchange, ExchangeType.Topic, durable: true, cancellationToken: ct);
        for (var n = 0; n < Levels; n++)
        {
            await channel.ExchangeDeclareAsync(Level(n), ExchangeType.Topic, durable: true, cancellationToken: ct);
            await channel.QueueDeclareAsync(Level(n), durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
                ["x-message-ttl"] = (1L << n) * 1000,
                ["x-dead-letter-exchange"] = n == 0 ? DeliveryExchange : Level(n - 1),
            }, cancellationToken: ct);
        }

        for (var n = 0; n < Levels; n++)
        {
            var stars = string.Concat(Enumerable.Repeat("*.", Levels - 1 - n));
            await channel.QueueBindAsync(Level(n), Level(n), stars + "1.#", cancellationToken: ct);
            await channel.ExchangeBindAsync(n == 0 ? DeliveryExchange : Level(n - 1), Level(n), stars + "0.#", cancellationToken: ct);
        }
    }

    public static Task BindAddress(IChannel channel, string address, CancellationToken ct)
        => channel.ExchangeBindAsync(address, DeliveryExchange, "#." + address, cancellationToken: ct);

    /// <summary>The delay in whole seconds, rounded up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is longer than the levels can hold.</exception>
    public static long SecondsOf(TimeSpan delay)
    {
        var seconds = Math.Max(0, (long)Math.Ceiling(delay.TotalSeconds));
        return seconds <= MaxSeconds
            ? seconds
            : throw new ArgumentOutOfRangeException(nameof(delay), delay, $"A message can be delayed by at most {MaxSeconds} seconds (8.5 years).");
    }

    /// <summary>Where a message with this delay enters, and the routing key that carries it through the levels.</summary>
    public static (string Exchange, string RoutingKey, int Seconds) Route(TimeSpan delay, string address)
    {
        var seconds = SecondsOf(delay);

        var key = new StringBuilder(Levels * 2 + address.Length);
        for (var n = Levels - 1; n >= 0; n--)
        {
            key.Append((seconds >> n & 1) == 1 ? "1." : "0.");
        }

        key.Append(address);
        var highest = seconds == 0 ? 0 : System.Numerics.BitOperations.Log2((ulong)seconds);
        return (Level(highest), key.ToString(), (int)seconds);
    }
}
