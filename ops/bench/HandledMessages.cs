using System.Diagnostics.Metrics;
using System.Globalization;
using EdTech.Contracts.Bench;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using RabbitMQ.Client;

namespace EdTech.Bench;

/// <summary>The runtime: messages handled exactly once, each with one business insert and one event that a queue receives.</summary>
static class HandledMessages
{
    const string Subscriber = "bench-subscriber";

    /// <summary>A worker process that has handled enough for its code to be compiled as it stays: that takes more messages than a measurement has.</summary>
    public static async Task<Child> Start(Ground ground)
    {
        var child = Child.Start("worker", ground.Args);
        await child.Tell("start 1 1"); // Makes database and queues.
        await child.Tell("stop");
        foreach (var (batchSize, messages) in new[] { (16, 20_000), (1, 4_000), (16, 4_000) })
        {
            await Measure(ground, child, batchSize, 8, messages, messages - 1, TimeSpan.FromSeconds(60));
        }

        return child;
    }

    public static async Task<Rate> Measure(Ground ground, Child child, int batchSize, int concurrency, int messages, int warmUp, TimeSpan duration)
    {
        await ground.Clear();
        await Fill(ground, messages);
        await child.Tell(string.Create(CultureInfo.InvariantCulture, $"start {batchSize} {concurrency}"));
        var rate = await child.Measure(warmUp, messages, duration, ground);
        await child.ReachedAll(messages, TimeSpan.FromSeconds(60));
        await child.Tell("stop");
        await Verify(ground, messages);
        return rate;
    }

    static async Task Fill(Ground ground, int messages)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(ground.Infrastructure.RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
        await Topology.DeclareAddress(channel, Subscriber, default);
        await new Topology().Subscribe(channel, typeof(AnswerRecorded), Subscriber, default);
        await channel.QueuePurgeAsync(Subscriber);
        var types = new MessageTypes(typeof(HandledMessages).Assembly);
        var host = new HostIdentity("EdTech.BenchLoad", "EdTech.BenchLoad", Guid.NewGuid(), "bench");
        foreach (var chunk in Enumerable.Range(0, messages).Chunk(500))
        {
            await Task.WhenAll(chunk.Select(i =>
            {
                var command = new RecordAnswer(Guid.CreateVersion7(), Guid.NewGuid(), Guid.NewGuid(), i % 10, BenchEndpoint.Body);
                var message = OutgoingMessage.Create(types, host, command, Delivery.ToAddress, BenchEndpoint.Name, null, DateTimeOffset.UtcNow);
                return channel.BasicPublishAsync(BenchEndpoint.Name, "", mandatory: true, Publisher.PropertiesOf(message.Headers), message.Body).AsTask();
            }));
        }
    }

    /// <summary>A rate of messages that were lost or handled twice would be worth nothing. An event may come twice under one id, which its receivers' inboxes know.</summary>
    static async Task Verify(Ground ground, int messages)
    {
        await using var database = new NpgsqlConnection(ground.Database);
        await database.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT (SELECT count(*) FROM messaging.inbox), (SELECT count(*) FROM bench.answer)", database);
        await using var reader = await count.ExecuteReaderAsync();
        await reader.ReadAsync();
        await using var connection = await new ConnectionFactory { Uri = new Uri(ground.Infrastructure.RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var events = await channel.MessageCountAsync(Subscriber);
        if (reader.GetInt64(0) != messages || reader.GetInt64(1) != messages || events < messages)
        {
            throw new InvalidOperationException($"{messages} messages left {reader.GetInt64(0)} inbox rows, {reader.GetInt64(1)} business rows and {events} events: not exactly once.");
        }
    }

    /// <summary>The child's side.</summary>
    public static async Task Run(string[] args)
    {
        var handled = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "messaging.client.consumed.messages")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref handled, value));
        listener.Start();
        WebApplication? app = null;
        await Child.Serve(Obey, () => Volatile.Read(ref handled));

        async Task<string> Obey(string[] order)
        {
            if (order is ["start", var batchSize, var concurrency])
            {
                Volatile.Write(ref handled, 0);
                app = BenchEndpoint.Build(int.Parse(batchSize, CultureInfo.InvariantCulture), int.Parse(concurrency, CultureInfo.InvariantCulture), args);
                await app.StartAsync();
                await WorkerUnderTest.Ready(app);
            }
            else
            {
                await app!.StopAsync();
                await app.DisposeAsync();
            }

            return "";
        }
    }
}
