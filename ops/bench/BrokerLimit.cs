using System.Globalization;
using System.Threading.Channels;
using EdTech.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Bench;

/// <summary>What RabbitMQ can do: RabbitMQ.Client alone consumes, publishes one with confirm, and acknowledges, on quorum queues.</summary>
static class BrokerLimit
{
    const string In = "limit-in";
    const string Out = "limit-out";
    static readonly byte[] Body = new byte[450];

    public static Child Start(Ground ground) => Child.Start("broker-limit", ground.Infrastructure.RabbitMq);

    public static async Task<Rate> Measure(Ground ground, Child child, int concurrency, int messages, int warmUp, TimeSpan duration)
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

        await child.Tell(string.Create(CultureInfo.InvariantCulture, $"start {concurrency}"));
        var rate = await child.Measure(warmUp, messages, duration, ground);
        await child.Tell("stop");
        return rate;
    }

    /// <summary>The child's side.</summary>
    public static async Task Run(string[] args)
    {
        var factory = new ConnectionFactory { Uri = new Uri(args[0]) };
        await using var receiving = await factory.CreateConnectionAsync();
        await using var sending = await factory.CreateConnectionAsync();
        IChannel? incoming = null;
        IChannel? outgoing = null;
        var handled = 0L;
        await Child.Serve(Obey, () => Volatile.Read(ref handled));

        async Task<string> Obey(string[] order)
        {
            if (order is ["start", var concurrency])
            {
                Volatile.Write(ref handled, 0);
                incoming = await receiving.CreateChannelAsync();
                outgoing = await sending.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
                await Consume(incoming, outgoing, int.Parse(concurrency, CultureInfo.InvariantCulture), () => Interlocked.Increment(ref handled));
            }
            else
            {
                await incoming!.DisposeAsync();
                await outgoing!.DisposeAsync();
            }

            return "";
        }
    }

    static async Task Consume(IChannel incoming, IChannel outgoing, int concurrency, Action handled)
    {
        var deliveries = Channel.CreateUnbounded<(ulong Tag, byte[] Body)>();
        for (var i = 0; i < concurrency; i++)
        {
            _ = Task.Run(async () =>
            {
                await foreach (var (tag, body) in deliveries.Reader.ReadAllAsync())
                {
                    try
                    {
                        await outgoing.BasicPublishAsync(Out, "", mandatory: false, Properties(), body);
                        await incoming.BasicAckAsync(tag, multiple: false);
                        handled();
                    }
                    catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or ObjectDisposedException or PublishException)
                    {
                        return; // Told to stop.
                    }
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
    }

    static BasicProperties Properties() => new() { Persistent = true, MessageId = Guid.CreateVersion7().ToString() };
}
