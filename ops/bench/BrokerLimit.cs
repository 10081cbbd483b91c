using System.Globalization;
using System.Threading.Channels;
using EdTech.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EdTech.Bench;

/// <summary>What RabbitMQ can do: RabbitMQ.Client alone consumes, publishes one with confirm, and acknowledges, on quorum queues.</summary>
static class BrokerLimit
{
    const string In = "limit-in";
    const string Out = "limit-out";
    static readonly byte[] Body = new byte[450];

    public static async Task<Rate> Measure(Ground ground, int concurrency, int messages, int warmUp, TimeSpan duration)
    {
        await using (var connection = await new ConnectionFactory { Uri = new Uri(ground.Infrastructure.RabbitMq) }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null)))
        {
            await Topology.DeclareAddress(channel, In, default);
            await Topology.DeclareAddress(channel, Out, default);
            await channel.QueuePurgeAsync(In);
            await channel.QueuePurgeAsync(Out);
            foreach (var chunk in Enumerable.Range(0, messages).Chunk(500))
            {
                await Task.WhenAll(chunk.Select(_ => channel.BasicPublishAsync(In, "", mandatory: true, Properties(), Body).AsTask()));
            }
        }

        await using var child = await Child.Start("broker-limit", [ground.Infrastructure.RabbitMq, concurrency.ToString(CultureInfo.InvariantCulture)]);
        await child.Ready();
        return await child.Measure(warmUp, messages, duration, ground);
    }

    /// <summary>The child's side.</summary>
    public static async Task Run(string[] args)
    {
        var concurrency = int.Parse(args[1], CultureInfo.InvariantCulture);
        var factory = new ConnectionFactory { Uri = new Uri(args[0]) };
        await using var receiving = await factory.CreateConnectionAsync();
        await using var sending = await factory.CreateConnectionAsync();
        await using var incoming = await receiving.CreateChannelAsync();
        await using var outgoing = await sending.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
        var handled = 0L;
        var deliveries = Channel.CreateUnbounded<(ulong Tag, byte[] Body)>();
        for (var i = 0; i < concurrency; i++)
        {
            _ = Task.Run(async () =>
            {
                await foreach (var (tag, body) in deliveries.Reader.ReadAllAsync())
                {
                    await outgoing.BasicPublishAsync(Out, "", mandatory: false, Properties(), body);
                    await incoming.BasicAckAsync(tag, multiple: false);
                    Interlocked.Increment(ref handled);
                }
            });
        }

        await incoming.BasicQosAsync(0, (ushort)(3 * concurrency), global: false);
        var consumer = new AsyncEventingBasicConsumer(incoming);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            deliveries.Writer.TryWrite((delivery.DeliveryTag, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await incoming.BasicConsumeAsync(In, autoAck: false, consumer);
        await Child.Report("", () => Volatile.Read(ref handled));
    }

    static BasicProperties Properties() => new() { Persistent = true, MessageId = Guid.CreateVersion7().ToString() };
}
