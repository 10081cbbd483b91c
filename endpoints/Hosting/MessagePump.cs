using System.Diagnostics;
using System.Threading.Channels;
using EdTech.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Hosting;

/// <summary>Consumes the endpoint's queue: workers handle in parallel, what is committed is sent and acknowledged while they go on.</summary>
sealed class MessagePump(EndpointRuntime runtime) : BackgroundService
{
    static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(20);
    // One that all workers share, or one for each worker when the endpoint keeps an order.
    readonly Channel<IncomingMessage>[] _received = [.. Enumerable.Range(0, runtime.Worker.OrderKey is null ? 1 : runtime.Worker.Concurrency)
        .Select(_ => Channel.CreateUnbounded<IncomingMessage>(new UnboundedChannelOptions { SingleWriter = true }))];
    readonly MessageProcessor _processor = new(runtime);
    readonly CancellationTokenSource _abort = new();
    readonly TaskCompletionSource _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    IChannel? _channel;
    string? _consumerTag;
    Task[] _workers = [];
    Task _forgetter = Task.CompletedTask;
    int _completing;

    /// <summary>Completes when the endpoint's storage can be used.</summary>
    public Task Prepared => _prepared.Task;

    /// <summary>Completes when the endpoint consumes its queue.</summary>
    public Task Started => _started.Task;

    public bool IsRunning { get; private set; }

    public bool IsConsuming => IsRunning && _channel is { IsOpen: true };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Telemetry.Begin(runtime.Worker.Name);
        await runtime.Storage.Prepare(stoppingToken);
        _prepared.TrySetResult();
        var worker = runtime.Worker;
        while (!IsRunning)
        {
            try
            {
                await Start(worker, stoppingToken);
            }
            catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or BrokerUnavailableException && !stoppingToken.IsCancellationRequested)
            {
                runtime.Logger.LogWarning("{Endpoint} could not start consuming and tries again: {Reason}", worker.Name, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }

        runtime.Logger.LogInformation("{Endpoint} is up: {Handlers} message types, concurrency {Concurrency}, batches of {Batch}", worker.Name, runtime.Handlers.MessageTypes.Count(), worker.Concurrency, worker.BatchSize);
        await Supervise(stoppingToken);
    }

    async Task Start(Worker worker, CancellationToken ct)
    {
        var setup = await (await runtime.Broker.Connection("Administration", ct)).CreateChannelAsync(cancellationToken: ct);
        await using (setup)
        {
            await DelayLevels.Declare(setup, ct);
            await Topology.DeclareAddress(setup, Recoverability.ErrorQueue, ct);
            if (runtime.ServiceControl.Enabled)
            {
                await Topology.DeclareAddress(setup, ServiceControl.AuditQueue, ct);
            }

            await Topology.DeclareAddress(setup, worker.Name, ct);
            await DelayLevels.BindAddress(setup, worker.Name, ct);
            foreach (var type in runtime.Handlers.MessageTypes.Where(Topology.IsEvent))
            {
                await runtime.Topology.Subscribe(setup, type, worker.Name, ct);
            }

            if (runtime.Handlers.TakesEveryEvent)
            {
                await runtime.Topology.Subscribe(setup, typeof(IEvent), worker.Name, ct);
            }
        }

        await Consume(ct);
        _forgetter = runtime.Forgetter.Run(runtime.Time);
        _workers = [.. Enumerable.Range(0, worker.Concurrency).Select(n => Task.Run(() => Work(_received[n % _received.Length].Reader, _abort.Token), CancellationToken.None))];
        runtime.ServiceControl.Start();
        IsRunning = true;
        _started.TrySetResult();
    }

    async Task Consume(CancellationToken ct)
    {
        var connection = await runtime.Broker.Connection("MessagePump", ct);
        var channel = _channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await _channel.BasicQosAsync(0, (ushort)Math.Min(ushort.MaxValue, Math.Max(3 * runtime.Worker.Concurrency, 2 * runtime.Worker.Concurrency * runtime.Worker.BatchSize)), global: false, ct);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var message = IncomingMessage.From(delivery, runtime.Time.GetUtcNow(), channel);
            LaneOf(message).Writer.TryWrite(message);
            return Task.CompletedTask;
        };
        _consumerTag = await _channel.BasicConsumeAsync(runtime.Worker.Name, autoAck: false, consumerTag: $"{OutgoingMessage.Machine} - {runtime.Worker.Name} {Guid.NewGuid():N}", consumer, ct);
    }

    /// <summary>The client recovers a lost connection; a channel that the broker closed on its own has to be opened again here.</summary>
    async Task Supervise(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), runtime.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (_channel is { IsOpen: false } && (await runtime.Broker.Connection("MessagePump", stoppingToken)).IsOpen && _channel.CloseReason?.Initiator == ShutdownInitiator.Peer)
                {
                    runtime.Logger.LogWarning("{Endpoint}'s channel was closed ({Reason}) and is opened again", runtime.Worker.Name, _channel.CloseReason);
                    await _channel.DisposeAsync();
                    await Consume(stoppingToken);
                }
            }
            catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException)
            {
                runtime.Logger.LogWarning("{Endpoint}'s channel could not be opened yet: {Reason}", runtime.Worker.Name, e.Message);
            }
        }
    }

    Channel<IncomingMessage> LaneOf(IncomingMessage message)
        => _received[_received.Length == 1 || runtime.Worker.OrderKey!(message.Body) is not { } key ? 0 : (int)((uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)_received.Length)];

    async Task Work(ChannelReader<IncomingMessage> received, CancellationToken ct)
    {
        var batch = new List<IncomingMessage>(runtime.Worker.BatchSize);
        while (await received.WaitToReadAsync(ct))
        {
            batch.Clear();
            while (batch.Count < runtime.Worker.BatchSize && received.TryRead(out var message))
            {
                batch.Add(message);
            }

            Telemetry.Take(runtime.Worker.Name, batch.Count);
            IReadOnlyList<IncomingMessage> alone = batch;
            if (batch.Count > 1)
            {
                var started = Stopwatch.GetTimestamp();
                var (done, rest) = await _processor.ProcessBatch(batch, ct);
                alone = rest;
                if (done.Count > 0)
                {
                    Complete(done, started, ct);
                }
            }

            foreach (var message in alone)
            {
                await WorkAlone(message, ct);
            }
        }
    }

    async Task WorkAlone(IncomingMessage message, CancellationToken ct)
    {
        using var activity = Telemetry.StartProcess(message, runtime.Worker.Name);
        using var scope = runtime.Logger.BeginScope("{Endpoint} handles {MessageId}", runtime.Worker.Name, message.MessageId);
        var started = Stopwatch.GetTimestamp();
        try
        {
            if (await _processor.ProcessAlone(message, ct) is { } handled)
            {
                Complete([handled], started, ct);
            }
            else
            {
                Telemetry.Take(runtime.Worker.Name, -1);
                await Acknowledge(message);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw; // Not acknowledged: the broker gives it to someone else.
        }
        catch (Exception exception)
        {
            // Not a handler's failure (those are caught in the processor) but the runtime's own. The broker delivers again.
            runtime.Logger.LogError(exception, "{Endpoint} could not process message {MessageId}; it goes back to the queue", runtime.Worker.Name, message.MessageId);
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
            Telemetry.Take(runtime.Worker.Name, -1);
            await Reject(message);
        }
    }

    /// <summary>Sends and acknowledges without holding the worker up. What is in flight is bounded by the prefetch.</summary>
    void Complete(List<MessageProcessor.Handled> handled, long started, CancellationToken ct)
    {
        Interlocked.Increment(ref _completing);
        _ = Finish();

        async Task Finish()
        {
            try
            {
                await _processor.Dispatch(handled, ct);
                foreach (var item in handled)
                {
                    var now = runtime.Time.GetUtcNow();
                    Telemetry.Handled(runtime.Worker.Name, item.Message, started, now);
                    await runtime.ServiceControl.Processed(item.Message, item.Context, now, Stopwatch.GetElapsedTime(started), ct);
                    await Acknowledge(item.Message);
                }
            }
            catch (Exception exception)
            {
                // Committed but not acknowledged: it comes again and the inbox knows it.
                runtime.Logger.LogWarning(exception, "{Endpoint} could not finish {Count} handled messages; they will be delivered again", runtime.Worker.Name, handled.Count);
            }
            finally
            {
                Telemetry.Take(runtime.Worker.Name, -handled.Count);
                Interlocked.Decrement(ref _completing);
            }
        }
    }

    async Task Acknowledge(IncomingMessage message)
    {
        try
        {
            await message.Channel!.BasicAckAsync(message.DeliveryTag, multiple: false);
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or ObjectDisposedException)
        {
            runtime.Logger.LogDebug("An acknowledgement was lost with its channel; the message comes again and the inbox knows it.");
        }
    }

    async Task Reject(IncomingMessage message)
    {
        try
        {
            await message.Channel!.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or ObjectDisposedException)
        {
            runtime.Logger.LogDebug("A rejection was lost with its channel; the broker requeues by itself.");
        }
    }

    /// <summary>Stops taking, finishes what is in hand, and gives the rest back.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!IsRunning)
        {
            return;
        }

        IsRunning = false;
        try
        {
            if (_channel is { IsOpen: true } && _consumerTag is not null)
            {
                await _channel.BasicCancelAsync(_consumerTag, cancellationToken: cancellationToken);
            }
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException)
        {
            runtime.Logger.LogDebug("The consumer was gone already.");
        }

        // What waits unhandled goes back with the channel; only what is in a worker's hand is finished.
        foreach (var lane in _received)
        {
            lane.Writer.TryComplete();
            while (lane.Reader.TryRead(out _))
            {
            }
        }

        var workers = Task.WhenAll(_workers).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (await Task.WhenAny(workers, Task.Delay(DrainTimeout, runtime.Time, cancellationToken)) != workers)
        {
            runtime.Logger.LogWarning("{Endpoint} stops with messages unfinished after {Timeout}; they will be delivered again", runtime.Worker.Name, DrainTimeout);
        }

        var deadline = runtime.Time.GetTimestamp();
        while (Volatile.Read(ref _completing) > 0 && runtime.Time.GetElapsedTime(deadline) < TimeSpan.FromSeconds(5))
        {
            await Task.Delay(20, CancellationToken.None);
        }

        await _abort.CancelAsync();
        runtime.Forgetter.Complete();
        await _forgetter;
        await runtime.ServiceControl.Stop();
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }

        await runtime.Publisher.DisposeAsync();
        await runtime.Broker.DisposeAsync();
    }

    public override void Dispose()
    {
        _abort.Dispose();
        base.Dispose();
    }
}
