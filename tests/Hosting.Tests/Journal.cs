using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Serialization;
using Confluent.Kafka;
using EdTech.Contracts;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Records and a worker as a domain would write them: what the runtime promises of streams is tried on them.
namespace EdTech.Hosting.Tests;

public abstract record JournalRecord(Guid RecordId, string Journal, DateTimeOffset At) : IStreamRecord
{
    string IStreamRecord.Key => Journal;
}

[StreamRecord("edtech.journal.line.v1")]
public sealed record LineWritten(Guid RecordId, string Journal, DateTimeOffset At, int Number, string Text) : JournalRecord(RecordId, Journal, At);

[StreamRecord("edtech.journal.closed.v1")]
public sealed record JournalClosed(Guid RecordId, string Journal, DateTimeOffset At, string Reason = "") : JournalRecord(RecordId, Journal, At);

[JsonSerializable(typeof(LineWritten))]
[JsonSerializable(typeof(JournalClosed))]
sealed partial class JournalJson : JsonSerializerContext;

/// <summary>What the workers of one test share: their topic, what they handled, and what their handler does.</summary>
sealed class JournalTest(string prefix, int partitions = 3)
{
    public JournalTest(AcademyFixture academy, int partitions = 3)
        : this(academy.Worker.Infrastructure.Prefix, partitions)
    {
    }

    public StreamTopic Topic { get; } = new("edtech.journal", partitions, TimeSpan.FromHours(1), "Lines of journals.");

    /// <summary>Each test's own: topics and groups of one test are not another's.</summary>
    public string Prefix { get; } = $"{prefix}-{Guid.NewGuid():N}"[..24];

    /// <summary>In the order of handling, repeats included.</summary>
    public ConcurrentQueue<StreamRecord<JournalRecord>> Handled { get; } = new();

    public ConcurrentQueue<(string Instance, int Partition)> Assignments { get; } = new();

    /// <summary>What the hosts of the test warned of.</summary>
    public ConcurrentQueue<string> Warnings { get; } = new();

    public Func<StreamBatch<JournalRecord>, CancellationToken, Task> BeforeHandling { get; set; } = (_, _) => Task.CompletedTask;

    public string OnBroker => $"{Prefix}.journal";

    public string DeadLetter => $"{Prefix}.journal.dead";

    public IEnumerable<LineWritten> Lines => Handled.Select(h => h.Value).OfType<LineWritten>();

    public static LineWritten Line(int number, string journal = "j", string text = "text") => new(Guid.CreateVersion7(), journal, DateTimeOffset.UtcNow, number, text);

    /// <summary>A host with a producer, and with a worker when it is given a name.</summary>
    public async Task<IHost> Start(string? worker = null, params (string Name, string Value)[] settings)
    {
        var host = Build(worker, settings);
        await host.StartAsync();
        return host;
    }

    public IHost Build(string? worker = null, params (string Name, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "EdTech.Journal" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EDTECH_KAFKA"] = Infrastructure.Setting("EDTECH_KAFKA"),
            ["EDTECH_KAFKA_ADMIN"] = Environment.GetEnvironmentVariable("EDTECH_KAFKA_ADMIN"),
            ["EDTECH_TOPIC_PREFIX"] = Prefix,
            ["EDTECH_KAFKA_OPTIONS"] = "session.timeout.ms=6000",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value, StringComparer.Ordinal));
        builder.Logging.AddProvider(new WarningsOf(this));
        builder.Services.AddStreamProducer(Topic);
        if (worker is not null)
        {
            builder.Services.AddSingleton(this).AddSingleton(new JournalInstance(worker)).AddStreamWorker<JournalWorker, JournalRecord>();
        }

        return builder.Build();
    }

    public Task<StreamPosition> Append(IHost host, JournalRecord record) => host.Services.GetRequiredService<IStreamProducer>().Produce(Topic, record, CancellationToken.None);

    /// <summary>Appends lines as one client does that does not wait for each.</summary>
    public Task Append(IHost host, IEnumerable<LineWritten> lines) => Task.WhenAll(lines.Select(l => Append(host, l)).ToArray());

    /// <summary>What a consumer that knows nothing of the platform reads from the start of a topic, up to this many.</summary>
    public static List<ConsumeResult<string, string>> Read(string topic, int count, string? servers = null)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = servers ?? Infrastructure.Setting("EDTECH_KAFKA"),
            GroupId = Guid.NewGuid().ToString(),
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).Build();
        consumer.Subscribe(topic);
        var records = new List<ConsumeResult<string, string>>();
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (records.Count < count)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
            {
                records.Add(record);
            }
            else if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"{topic} holds {records.Count} records within 30 s and not {count}.");
            }
        }

        consumer.Close();
        return records;
    }
}

sealed class WarningsOf(JournalTest test) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            test.Warnings.Enqueue(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}

sealed record JournalInstance(string Name);

sealed class JournalWorker(JournalTest test, JournalInstance instance) : StreamWorker<JournalRecord>
{
    public override StreamTopic Topic => test.Topic;

    protected internal override async Task Handle(StreamBatch<JournalRecord> batch, CancellationToken cancellationToken)
    {
        await test.BeforeHandling(batch, cancellationToken);
        foreach (var record in batch.Records)
        {
            test.Handled.Enqueue(record);
        }
    }

    protected internal override void Assigned(int partition) => test.Assignments.Enqueue((instance.Name, partition));
}

static class JournalHeaders
{
    public static string? Header(this ConsumeResult<string, string> record, string name)
        => record.Message.Headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
}
