using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>
/// Tells ServiceControl what the endpoint does: audit copies, saga changes, metrics and the endpoint's own reports. Off unless <c>EDTECH_SERVICECONTROL=1</c>,
/// because it needs ServiceControl's queues. Best effort: reports wait in memory, bounded, and leave on a connection of their own, so that a queue that is
/// missing, full or slow costs reports and never a handler's time. A crash loses those that wait.
/// </summary>
sealed class ServiceControl : IAsyncDisposable
{
    public const string AuditQueue = "audit";
    const int MostWaiting = 4_096;
    const int SentAtOnce = 64;
    static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(5);
    static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);
    readonly HostIdentity _host;
    readonly ILogger _logger;
    readonly Broker _broker;
    readonly Publisher _publisher;
    readonly CancellationTokenSource _abort = new();
    readonly Channel<Report> _reports;
    Task _sender = Task.CompletedTask;
    long _lost;
    string _reason = "";

    sealed record Report(string Address, Dictionary<string, string> Headers, ReadOnlyMemory<byte> Body, TimeSpan? Expiration);

    public ServiceControl(IConfiguration configuration, HostIdentity host, MessageTypes types, ILogger logger)
    {
        _host = host;
        _logger = logger;
        Enabled = configuration["EDTECH_SERVICECONTROL"] is "1" or "true";
        _broker = new Broker(new Uri(configuration.Required("EDTECH_RABBITMQ")), $"{host.Endpoint} ServiceControl", logger);
        _publisher = new Publisher(_broker, types, new Topology(), logger);
        _reports = Channel.CreateBounded<Report>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Lost("they are made faster than the broker takes them"));
        Metrics = new MetricsReporter(host, (headers, body) => Post(MetricsReporter.Queue, headers, body, MetricsReporter.Expiration));
    }

    public bool Enabled { get; }

    public MetricsReporter Metrics { get; }

    /// <summary>Sends what is posted until <see cref="Stop"/>.</summary>
    public void Start()
    {
        if (Enabled)
        {
            _sender = Parallel.ForEachAsync(_reports.Reader.ReadAllAsync(), new ParallelOptions { MaxDegreeOfParallelism = SentAtOnce }, async (report, _) => await Send(report.Address, report.Headers, report.Body, report.Expiration, _abort.Token));
        }
    }

    public void Retried(IReadOnlyDictionary<string, string> headers, DateTimeOffset now)
    {
        if (Enabled)
        {
            Metrics.Retried(headers, now);
        }
    }

    /// <summary>Sends the confirmation of a retry; posts the audit copy, the saga changes and the times of a handled message.</summary>
    public async Task Processed(IncomingMessage message, HandlerContext? context, DateTimeOffset ended, TimeSpan duration, CancellationToken ct)
    {
        // Before the message is acknowledged: after a crash it comes again, the inbox knows it, and it is confirmed then.
        var confirmed = message.Headers.ContainsKey(Headers.RetryUniqueMessageId) && message.Headers.ContainsKey(Headers.RetryAcknowledgementQueue) && await Confirm(message, ended, ct);
        if (!Enabled || message.Headers.ContainsKey(Headers.ControlMessage))
        {
            return;
        }

        Metrics.Processed(message.Headers, ended, duration);
        var copy = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal)
        {
            [Headers.ProcessingStarted] = WireTime.ToWire(ended - duration),
            [Headers.ProcessingEnded] = WireTime.ToWire(ended),
            [Headers.ProcessingEndpoint] = _host.Endpoint,
            [Headers.ProcessingMachine] = OutgoingMessage.Machine,
            [Headers.HostId] = _host.HostIdN,
            [Headers.HostDisplayName] = _host.DisplayName,
        };
        if (confirmed)
        {
            // Without it ServiceControl's audit instance confirms the retry itself.
            copy[Headers.RetryAcknowledgementSent] = "true";
        }

        if (context is { SagaChanges: { Count: > 0 } changes })
        {
            copy[Headers.InvokedSagas] = string.Join(';', changes.Select(c => $"{c.SagaType}:{c.SagaId}"));
            copy[Headers.SagaStateChange] = string.Join(';', changes.Select(c => $"{c.SagaId}:{c.Kind}"));
            foreach (var change in changes)
            {
                var (type, body) = change.Report(message.Headers, _host);
                Post(AuditQueue, PlainHeaders(type), body, null);
            }
        }

        Post(AuditQueue, copy, message.Body, null);
    }

    /// <summary>Leaves as soon as the broker takes it; the oldest that wait give way to newer ones.</summary>
    void Post(string address, Dictionary<string, string> headers, ReadOnlyMemory<byte> body, TimeSpan? expiration) => _reports.Writer.TryWrite(new Report(address, headers, body, expiration));

    /// <summary>Sends one of the plain messages that ServiceControl's plug-ins send. False when it was lost.</summary>
    public Task<bool> Send(string queue, string type, object body, TimeSpan? expiration, CancellationToken ct)
        => Send(queue, PlainHeaders(type), JsonSerializer.SerializeToUtf8Bytes(body), expiration, ct);

    public async Task<bool> Send(string queue, Dictionary<string, string> headers, ReadOnlyMemory<byte> body, TimeSpan? expiration, CancellationToken ct)
    {
        try
        {
            await _publisher.Forward(queue, headers, body, expiration, ct);
            return true;
        }
        catch (Exception e)
        {
            Lost($"{queue}: {e.Message}");
            return false;
        }
    }

    /// <summary>Says what was lost since it was said last.</summary>
    public void LogLost()
    {
        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
        {
            _logger.LogWarning("{Endpoint} lost {Count} reports to ServiceControl, the last because of {Reason}. Are its queues there (ServiceControl --setup)?", _host.Endpoint, lost, Volatile.Read(ref _reason));
        }
    }

    /// <summary>Sends what waits, for two seconds at most.</summary>
    public async Task Stop()
    {
        _reports.Writer.TryComplete();
        _abort.CancelAfter(DrainTimeout);
        await _sender;
        LogLost();
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _broker.DisposeAsync();
        _abort.Dispose();
    }

    async Task<bool> Confirm(IncomingMessage message, DateTimeOffset ended, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(ConfirmationTimeout);
        var now = WireTime.ToWire(ended);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Headers.RetrySuccessful] = now,
            [Headers.RetryUniqueMessageId] = message.Headers[Headers.RetryUniqueMessageId],
            [Headers.ControlMessage] = "True",
            [Headers.Version] = OutgoingMessage.WireVersion,
            [Headers.TimeSent] = now,
        };
        var sent = await Send(message.Headers[Headers.RetryAcknowledgementQueue], headers, ReadOnlyMemory<byte>.Empty, null, timeout.Token);
        LogLost();
        return sent;
    }

    Dictionary<string, string> PlainHeaders(string type) => new(StringComparer.Ordinal)
    {
        [Headers.EnclosedMessageTypes] = type,
        [Headers.ContentType] = "application/json",
        [Headers.MessageIntent] = "Send",
        [Headers.ReplyToAddress] = _host.Address,
    };

    void Lost(string reason)
    {
        Interlocked.Increment(ref _lost);
        Volatile.Write(ref _reason, reason);
    }
}
