using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>The host's one producing connection to Kafka, and whether it reaches a broker.</summary>
sealed class KafkaConnection : BackgroundService
{
    static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);
    readonly StreamSettings _settings;
    readonly string _name;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly Lock _lock = new();
    IProducer<byte[]?, byte[]?>? _producer;
    IAdminClient? _admin;
    int _failedProbes;
    bool _disposed;

    public KafkaConnection(StreamSettings settings, StreamSource source, TimeProvider time, ILogger<KafkaConnection> logger)
    {
        _settings = settings;
        _name = source.Name;
        _time = time;
        _logger = logger;
    }

    /// <summary>False when no broker has answered three times in a row, which takes some 20 seconds: a broker's restart is no outage.</summary>
    public bool IsReachable => Volatile.Read(ref _failedProbes) < 3;

    public IProducer<byte[]?, byte[]?> Producer
    {
        get
        {
            var producer = Volatile.Read(ref _producer);
            if (producer is not null)
            {
                return producer;
            }

            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _producer ??= Build();
            }
        }
    }

    public IAdminClient Admin
    {
        get
        {
            var producer = Producer;
            lock (_lock)
            {
                return _admin ??= new DependentAdminClientBuilder(producer.Handle).Build();
            }
        }
    }

    /// <summary>An idempotent producer that met a fatal error takes nothing any more; what was in flight is refused to its callers.</summary>
    public void Replace(IProducer<byte[]?, byte[]?> broken, string reason)
    {
        IAdminClient? admin;
        lock (_lock)
        {
            if (_disposed || !ReferenceEquals(_producer, broken))
            {
                return;
            }

            (_producer, admin, _admin) = (null, _admin, null);
        }

        _logger.LogError("{Client} replaces its Kafka producer after a fatal error: {Reason}", _name, reason);
        _ = Task.Run(() => Release(broken, admin));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ProbeInterval, _time);
        do
        {
            try
            {
                await Admin.DescribeClusterAsync(new() { RequestTimeout = TimeSpan.FromSeconds(2) }).WaitAsync(TimeSpan.FromSeconds(4), _time, stoppingToken);
                if (Interlocked.Exchange(ref _failedProbes, 0) >= 3)
                {
                    _logger.LogInformation("{Client} reaches Kafka again", _name);
                }
            }
            catch (Exception e) when (e is KafkaException or TimeoutException or ObjectDisposedException)
            {
                if (Interlocked.Increment(ref _failedProbes) == 3)
                {
                    _logger.LogWarning("{Client} does not reach Kafka: {Reason}", _name, e.Message);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    IProducer<byte[]?, byte[]?> Build()
        => new ProducerBuilder<byte[]?, byte[]?>(_settings.Producer(_name))
            .SetKeySerializer(Serializers.ByteArray!)
            .SetValueSerializer(Serializers.ByteArray!)
            .SetLogHandler((_, message) => Log(_logger, message))
            .SetErrorHandler((producer, error) => Report(producer, error))
            .Build();

    void Report(IProducer<byte[]?, byte[]?> producer, Error error)
    {
        if (error.IsFatal)
        {
            Replace(producer, error.Reason);
        }
        else
        {
            _logger.LogDebug("{Client}'s Kafka producer: {Reason}", _name, error.Reason);
        }
    }

    /// <summary>The library reports each attempt to connect; what matters comes as an error or an exception too.</summary>
    public static void Log(ILogger logger, LogMessage message)
    {
        if (message.Level <= SyslogLevel.Critical)
        {
            logger.LogError("Kafka client {Client}: {Message}", message.Name, message.Message);
        }
        else
        {
            logger.LogDebug("Kafka client {Client}: {Message}", message.Name, message.Message);
        }
    }

    static void Release(IProducer<byte[]?, byte[]?> producer, IAdminClient? admin)
    {
        // Callers wait for delivery reports, which only a living producer gives.
        producer.Flush(FlushTimeout);
        admin?.Dispose();
        producer.Dispose();
    }

    public override void Dispose()
    {
        base.Dispose();
        IProducer<byte[]?, byte[]?>? producer;
        IAdminClient? admin;
        lock (_lock)
        {
            _disposed = true;
            (producer, admin, _producer, _admin) = (_producer, _admin, null, null);
        }

        if (producer is not null)
        {
            Release(producer, admin);
        }
    }
}

/// <summary>Who appends: <c>ce_source</c>, and the client's name at the broker.</summary>
sealed record StreamSource(string Name);
