using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using EdTech.Analytics.Tests;
using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

[assembly: AssemblyFixture(typeof(AnalyticsFixture))]

namespace EdTech.Analytics.Tests;

/// <summary>The analytics endpoint, run once for the assembly on its own virtual host, topics and table.</summary>
public sealed class AnalyticsFixture : IAsyncLifetime
{
    public static readonly Actor Support = new(Guid.NewGuid(), ["analytics.read"]);
    public static readonly Actor Admin = new(Guid.NewGuid(), ["analytics.read", "analytics.admin"]);

    public WorkerUnderTest Worker { get; private set; } = null!;

    public IStreamProducer Streams => Worker.Host.Services.GetRequiredService<IStreamProducer>();

    public async ValueTask InitializeAsync() => Worker = await WorkerUnderTest.Start("analytics", AnalyticsEndpoint.Build);

    public ValueTask DisposeAsync() => Worker.DisposeAsync();

    /// <summary>Publishes on the bus what an endpoint would publish.</summary>
    public Task Publish(string typeName, string body, string? messageId = null, string? sentAt = null, string? traceParent = null)
        => Publish(Worker.Probe.Channel, typeName, body, messageId, sentAt, traceParent);

    public static async Task Publish(IChannel channel, string typeName, string body, string? messageId = null, string? sentAt = null, string? traceParent = null)
    {
        var properties = new BasicProperties
        {
            MessageId = messageId ?? Guid.NewGuid().ToString(),
            Persistent = true,
            Headers = new Dictionary<string, object?>
            {
                [Hosting.Headers.MessageId] = messageId ?? Guid.NewGuid().ToString(),
                [Hosting.Headers.EnclosedMessageTypes] = $"{typeName}, EdTech.Contracts, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null",
                [Hosting.Headers.MessageIntent] = "Publish",
                [Hosting.Headers.OriginatingEndpoint] = "EdTech.Learning",
                [Hosting.Headers.TimeSent] = sentAt ?? WireTime.ToWire(DateTimeOffset.UtcNow),
            },
        };
        if (traceParent is not null)
        {
            properties.Headers[Hosting.Headers.TraceParent] = traceParent;
        }

        await channel.BasicPublishAsync("EdTech.Contracts:IEvent", "", mandatory: false, properties, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Records of a topic from its beginning, until those that are wanted have come.</summary>
    public Task<IReadOnlyList<TopicRecord>> Read(StreamTopic topic, Func<TopicRecord, bool> wanted, int count) => Read(Worker.Args, topic.Name, wanted, count);

    public static async Task<IReadOnlyList<TopicRecord>> Read(IReadOnlyList<string> args, string topic, Func<TopicRecord, bool> wanted, int count)
    {
        var prefix = Setting(args, "EDTECH_TOPIC_PREFIX");
        using var consumer = new ConsumerBuilder<string?, byte[]>(new ConsumerConfig { BootstrapServers = Setting(args, "EDTECH_KAFKA"), GroupId = "none", EnableAutoCommit = false })
            .SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions(topic)).Select(p => new TopicPartitionOffset(prefix + topic["edtech".Length..], p, Offset.Beginning)));
        var found = new List<TopicRecord>();
        var late = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        // One more poll than needed, so that a record too many is seen.
        while (true)
        {
            var result = await Task.Run(() => consumer.Consume(found.Count >= count ? TimeSpan.FromMilliseconds(700) : TimeSpan.FromSeconds(1)));
            if (result is null)
            {
                if (found.Count >= count)
                {
                    return found;
                }

                if (DateTime.UtcNow > late)
                {
                    throw new TimeoutException($"{count} records of {topic} were wanted, {found.Count} came within a minute.");
                }

                continue;
            }

            var record = new TopicRecord(
                result.Message.Key,
                Encoding.UTF8.GetString(result.Message.Value),
                result.Message.Headers.GroupBy(h => h.Key, StringComparer.Ordinal).ToDictionary(h => h.Key, h => Encoding.UTF8.GetString(h.Last().GetValueBytes()), StringComparer.Ordinal));
            if (wanted(record))
            {
                found.Add(record);
            }
        }
    }

    static int Partitions(string topic) => topic.StartsWith(StreamTopics.AnalyticsEvents.Name, StringComparison.Ordinal) ? StreamTopics.AnalyticsEvents.Partitions : StreamTopics.EventsOf("any").Partitions;

    static string Setting(IReadOnlyList<string> args, string name) => args.Last(a => a.StartsWith($"--{name}=", StringComparison.Ordinal))[(name.Length + 3)..];

    /// <summary>A page view of somebody.</summary>
    public static PageViewed View(Guid anonymous, Guid? account = null, DateTimeOffset? at = null, Guid? id = null, string title = "Home")
        => new(id ?? Guid.NewGuid(), at ?? DateTimeOffset.UtcNow, new BehaviourOrigin(anonymous, Guid.NewGuid(), account, "web 1.0", DateTimeOffset.UtcNow, "/"), new PageViewedData(title));

    public async Task Report(params IEnumerable<BehaviourRecord> records)
        => await Task.WhenAll(records.Select(r => Streams.Produce(StreamTopics.AnalyticsEvents, r, CancellationToken.None)));

    public Task Merge(Guid account, Guid anonymous)
        => Report(BehaviourRules.Merge(account, new BehaviourBatch(anonymous, Guid.NewGuid(), account, "web 1.0", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow)));

    public async Task<IReadOnlyList<BehaviourEventView>> EventsOf(Guid account, int limit = 100)
        => (await Page(account, $"limit={limit}")).Items;

    public async Task<Page<BehaviourEventView>> Page(Guid account, string query)
        => (await Worker.Api(Support).GetFromJsonAsync<Page<BehaviourEventView>>($"/internal/analytics/accounts/{account}/behaviour?{query}", AnalyticsJsonWeb.Options))!;

    public async Task<BehaviourCounts> Counts(Guid account, string query = "")
        => (await Worker.Api(Support).GetFromJsonAsync<BehaviourCounts>($"/internal/analytics/accounts/{account}/behaviour/counts{query}", AnalyticsJsonWeb.Options))!;

    static class AnalyticsJsonWeb
    {
        public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { TypeInfoResolver = AnalyticsJson.Default };
    }
}

/// <summary>A record as a plain consumer sees it.</summary>
public sealed record TopicRecord(string? Key, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public string? Id => Headers.GetValueOrDefault("ce_id");
}
