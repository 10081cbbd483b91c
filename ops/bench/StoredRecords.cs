using System.Diagnostics;
using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using Confluent.Kafka;
using EdTech.Communication;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Bench;

/// <summary>
/// Messages from the producer to the store: the communication worker's fold, with its look-ups, sequence numbers and state, against Kafka alone (the same
/// bytes produced and consumed) and DynamoDB alone (BatchWriteItem of the two items that a message becomes).
/// </summary>
static class StoredRecords
{
    const int Conversations = 40;
    const int WarmUp = 400;

    /// <param name="Stored">Produced, folded and stored.</param>
    /// <param name="Kafka">Produced and consumed by Confluent.Kafka.</param>
    /// <param name="Dynamo">Messages' worth of items written.</param>
    public sealed record Result(Rate Stored, Rate Kafka, Rate Dynamo);

    public static async Task<Result> Measure(Ground ground, int records)
    {
        await using var worker = await WorkerUnderTest.Start("communication", CommunicationEndpoint.Build, ("EDTECH_USERS_URL", "http://127.0.0.1:1"), ("Logging:LogLevel:Default", "Warning"));
        var dynamo = await Dynamo(ground, worker, records / 4);
        var kafka = Kafka(ground, worker, records);
        var author = Guid.CreateVersion7();
        var conversations = Enumerable.Range(0, Conversations).Select(_ => Guid.CreateVersion7()).ToArray();
        await Fill.Conversations(worker, conversations, [author]);
        await Fold(ground, worker, conversations, author, WarmUp);
        return new Result(await Fold(ground, worker, conversations, author, records), kafka, dynamo);
    }

    static async Task<Rate> Fold(Ground ground, WorkerUnderTest worker, Guid[] conversations, Guid author, int records)
    {
        var table = worker.Host.Services.GetRequiredService<DynamoTable>();
        var streams = worker.Host.Services.GetRequiredService<IStreamProducer>();
        var before = await Fill.Stored(table, conversations);
        var load = ground.StartLoad(Environment.ProcessId);
        var since = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, records).Select(i => streams.Produce(StreamTopics.ChatMessages, Message(conversations[i % conversations.Length], author), default)));
        await WorkerUnderTest.Until(async () => await Fill.Stored(table, conversations) - before >= records, "all records are stored");
        return load.End(records, Stopwatch.GetElapsedTime(since).TotalSeconds);
    }

    static Rate Kafka(Ground ground, WorkerUnderTest worker, int records)
    {
        var topic = $"{worker.Infrastructure.Prefix}.raw";
        using (var made = new HttpClient())
        {
            if (worker.Infrastructure.KafkaAdmin is { } admin)
            {
                using var answer = made.PostAsync(new Uri($"{admin}/topics?name={topic}&partitions=12"), null).GetAwaiter().GetResult();
            }
        }

        var servers = Infrastructure.Setting("EDTECH_KAFKA");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(Message(Guid.CreateVersion7(), Guid.CreateVersion7()), CommunicationJson.Web.MessagePosted);
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = servers, EnableIdempotence = true, Acks = Acks.All, LingerMs = 5, CompressionType = CompressionType.Lz4 }).Build();
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = servers, GroupId = topic, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false, SessionTimeoutMs = 6_000 }).Build();
        var load = ground.StartLoad(Environment.ProcessId);
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i < records; i++)
        {
            producer.Produce(topic, new Message<string, byte[]> { Key = $"conversation {i % Conversations}", Value = bytes });
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        consumer.Subscribe(topic);
        for (var i = 0; i < records; i++)
        {
            _ = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"Only {i} of {records} raw records came back.");
        }

        var rate = load.End(records, Stopwatch.GetElapsedTime(since).TotalSeconds);
        consumer.Close();
        return rate;
    }

    static async Task<Rate> Dynamo(Ground ground, WorkerUnderTest worker, int records)
    {
        var table = worker.Host.Services.GetRequiredService<DynamoTable>();
        var text = new string('x', 120);
        var writes = Enumerable.Range(0, records).SelectMany(i =>
        {
            var conversation = $"RAW#{i % Conversations}";
            return new[]
            {
                new WriteRequest(new PutRequest(DynamoValues.Item(conversation, $"E#{i:D19}").With("text", text).With("author_id", Guid.CreateVersion7()).With("at", DateTimeOffset.UtcNow).With("number", (long)i))),
                new WriteRequest(new PutRequest(DynamoValues.Item(conversation, $"I#{Guid.CreateVersion7()}").With("sequence", (long)i))),
            };
        }).ToArray();
        var load = ground.StartLoad(Environment.ProcessId);
        var since = Stopwatch.GetTimestamp();
        await table.Write(writes, default);
        return load.End(records, Stopwatch.GetElapsedTime(since).TotalSeconds);
    }

    static MessagePosted Message(Guid conversation, Guid author)
        => new(Guid.CreateVersion7(), conversation, author, DateTimeOffset.UtcNow, "Could somebody explain why the leaf needs light at all, when there is sugar in the soil around it? I never understood that part.", null, [], []);
}
