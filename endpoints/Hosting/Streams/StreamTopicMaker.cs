using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EdTech.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>Makes the topics that are missing, however long the broker takes to be there. An existing topic is left as it is.</summary>
sealed class StreamTopicMaker(StreamSettings settings, KafkaConnection connection, IEnumerable<WantedTopic> wanted, IHttpClientFactory http, ILogger<StreamTopicMaker> logger) : BackgroundService
{
    const int MaxReplicas = 3;
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    static readonly TimeSpan DeadLetterRetention = TimeSpan.FromDays(90);
    readonly ConcurrentDictionary<string, Lazy<Task>> _made = new(StringComparer.Ordinal);
    readonly CancellationTokenSource _stopping = new();

    /// <summary>Completes when the topic is there. A topic that nobody registered is made by its first use.</summary>
    public Task Made(StreamTopic topic)
        => _made.GetOrAdd(topic.Name, static (_, a) => new Lazy<Task>(() => a.Maker.Make(a.Topic, a.Maker._stopping.Token)), (Maker: this, Topic: topic)).Value;

    /// <summary>Where a worker puts what nobody could take: one partition, for nobody depends on the order there.</summary>
    public static StreamTopic DeadLetterOf(StreamTopic topic)
        => new(topic.DeadLetter, 1, topic.Retention > DeadLetterRetention ? topic.Retention : DeadLetterRetention, $"Records of {topic.Name} that nobody could take, with the reason.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => Task.WhenAll(wanted.Select(w => Made(w.Topic))).WaitAsync(stoppingToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        // Called twice: the container knows it under two names. A source without a timer needs no disposal.
        _stopping.Cancel();
        base.Dispose();
    }

    async Task Make(StreamTopic topic, CancellationToken ct)
    {
        var name = settings.OnBroker(topic.Name);
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            try
            {
                await (settings.Admin is { } admin ? MakeByHttp(admin, name, topic, ct) : MakeByKafka(name, topic, ct));
                return;
            }
            catch (Exception e) when (e is KafkaException or HttpRequestException or TimeoutException or ObjectDisposedException or OperationCanceledException && !ct.IsCancellationRequested)
            {
                logger.LogWarning("Topic {Topic} could not be made and is tried again: {Reason}", name, e.Message);
                await Task.Delay(wait, ct);
            }
        }
    }

    /// <summary>The embedded broker of developers' machines makes topics by HTTP only.</summary>
    async Task MakeByHttp(Uri admin, string name, StreamTopic topic, CancellationToken ct)
    {
        using var client = http.CreateClient();
        client.Timeout = CallTimeout;
        using var response = await client.PostAsync(new Uri(admin, $"/topics?name={Uri.EscapeDataString(name)}&partitions={topic.Partitions.ToString(CultureInfo.InvariantCulture)}"), content: null, ct);
        response.EnsureSuccessStatusCode();
        if (response.StatusCode == HttpStatusCode.Created)
        {
            logger.LogInformation("Topic {Topic} made with {Partitions} partitions", name, topic.Partitions);
        }
    }

    async Task MakeByKafka(string name, StreamTopic topic, CancellationToken ct)
    {
        var cluster = await connection.Admin.DescribeClusterAsync(new() { RequestTimeout = CallTimeout }).WaitAsync(CallTimeout, ct);
        var replicas = Math.Clamp(cluster.Nodes.Count, 1, MaxReplicas);
        var specification = new TopicSpecification
        {
            Name = name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = (short)replicas,
            Configs = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["cleanup.policy"] = "delete",
                ["retention.ms"] = ((long)topic.Retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
                // With three replicas a record that was accepted survives one broker, and one broker may be down.
                ["min.insync.replicas"] = replicas >= 3 ? "2" : "1",
            },
        };
        try
        {
            await connection.Admin.CreateTopicsAsync([specification], new() { RequestTimeout = CallTimeout, OperationTimeout = CallTimeout }).WaitAsync(CallTimeout + CallTimeout, ct);
            logger.LogInformation("Topic {Topic} made with {Partitions} partitions and {Replicas} replicas", name, topic.Partitions, replicas);
        }
        catch (CreateTopicsException e) when (e.Results.All(r => r.Error.Code is ErrorCode.TopicAlreadyExists or ErrorCode.NoError))
        {
            logger.LogDebug("Topic {Topic} was there", name);
        }
    }
}

/// <summary>A topic that a program of this host uses.</summary>
sealed record WantedTopic(StreamTopic Topic);
