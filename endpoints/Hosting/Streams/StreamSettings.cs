using System.Globalization;
using Confluent.Kafka;
using EdTech.Contracts;
using Microsoft.Extensions.Configuration;

namespace EdTech.Hosting;

/// <summary>
/// Where Kafka is and how its clients are set: <c>EDTECH_KAFKA</c> (bootstrap servers), <c>EDTECH_KAFKA_ADMIN</c> (makes topics where the broker cannot),
/// <c>EDTECH_TOPIC_PREFIX</c>, <c>EDTECH_KAFKA_TIMEOUT</c> (seconds) and <c>EDTECH_KAFKA_OPTIONS</c> (librdkafka's own, <c>name=value;name=value</c>).
/// </summary>
sealed class StreamSettings(IConfiguration configuration)
{
    const string DefaultPrefix = "edtech";

    /// <summary>Larger bodies are refused by the producer and dead-lettered by workers. Headers and key still fit into a broker's default of 1 MiB.</summary>
    public const int MaxBody = 900_000;

    readonly string _servers = configuration.Required("EDTECH_KAFKA");
    readonly string _prefix = configuration["EDTECH_TOPIC_PREFIX"] is { Length: > 0 } prefix ? prefix : DefaultPrefix;
    readonly Dictionary<string, string> _options = OptionsOf(configuration["EDTECH_KAFKA_OPTIONS"]);

    public Uri? Admin { get; } = configuration["EDTECH_KAFKA_ADMIN"] is { Length: > 0 } admin ? new Uri(admin) : null;

    /// <summary>How long a record may take to be accepted.</summary>
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(double.Parse(configuration["EDTECH_KAFKA_TIMEOUT"] is { Length: > 0 } seconds ? seconds : "120", CultureInfo.InvariantCulture));

    /// <summary>A topic's name on this installation's broker.</summary>
    public string OnBroker(string topic)
        => _prefix != DefaultPrefix && topic.StartsWith(DefaultPrefix + ".", StringComparison.Ordinal) ? _prefix + topic[DefaultPrefix.Length..] : topic;

    /// <summary>A consumer group's name on this installation's broker: two installations on one broker must not share offsets.</summary>
    public string GroupOnBroker(string group) => _prefix == DefaultPrefix ? group : $"{_prefix}.{group}";

    public ProducerConfig Producer(string client) => Apply(new ProducerConfig
    {
        BootstrapServers = _servers,
        ClientId = client,
        Acks = Acks.All,
        EnableIdempotence = true,
        CompressionType = CompressionType.Lz4,
        LingerMs = 5,
        MessageTimeoutMs = (int)Timeout.TotalMilliseconds,
        RequestTimeoutMs = (int)Math.Min(30_000, Timeout.TotalMilliseconds),
        // The same as Kafka's Java clients: whatever language the data team appends in, a key meets its partition.
        Partitioner = Partitioner.Murmur2Random,
        QueueBufferingMaxMessages = 100_000,
        QueueBufferingMaxKbytes = 65_536,
        DeliveryReportFields = "none",
        SocketKeepaliveEnable = true,
        ReconnectBackoffMaxMs = 2_000,
    });

    public ConsumerConfig Consumer(string group) => Apply(new ConsumerConfig
    {
        BootstrapServers = _servers,
        ClientId = group,
        GroupId = group,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        // Offsets are stored by us, after the handler; the client sends what is stored, and once more before a partition is given back.
        EnableAutoOffsetStore = false,
        EnableAutoCommit = true,
        AutoCommitIntervalMs = 500,
        // Kafka's own minimum: the partitions of an instance that died lie still for as long.
        SessionTimeoutMs = 6_000,
        HeartbeatIntervalMs = 2_000,
        MaxPollIntervalMs = 300_000,
        FetchWaitMaxMs = 100,
        QueuedMaxMessagesKbytes = 16_384,
        AllowAutoCreateTopics = false,
        SocketKeepaliveEnable = true,
        ReconnectBackoffMaxMs = 2_000,
    });

    T Apply<T>(T config)
        where T : ClientConfig
    {
        foreach (var (name, value) in _options)
        {
            config.Set(name, value);
        }

        return config;
    }

    static Dictionary<string, string> OptionsOf(string? text)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                // The value may be a password: only its place is told.
                throw new InvalidOperationException($"Part {options.Count + 1} of EDTECH_KAFKA_OPTIONS is not of the form name=value. Separate the options by semicolons: security.protocol=SASL_SSL;sasl.mechanism=PLAIN");
            }

            options[option[..equals].Trim()] = option[(equals + 1)..];
        }

        return options;
    }
}
