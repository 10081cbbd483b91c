using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Confluent.Kafka;
using EdTech.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>
/// Runs a <see cref="StreamWorker{T}"/>: one thread polls Kafka without a pause, whatever the handlers do, and gives each record to its partition.
/// Power failure: what was handled after the last commit of offsets (half a second at most) is handled again; what was not handled is read again.
/// </summary>
sealed class StreamConsumer<T> : BackgroundService
    where T : class, IStreamRecord
{
    static readonly TimeSpan LagInterval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);
    readonly StreamWorker<T> _worker;
    readonly StreamSettings _settings;
    readonly StreamTopicMaker _topics;
    readonly Task _prepared;
    readonly ILogger _logger;
    readonly StreamWork<T> _work;
    readonly ConcurrentDictionary<int, StreamPartition<T>> _partitions = new();
    readonly List<TopicPartition> _fresh = [];
    List<Measurement<long>> _lag = [];
    volatile bool _orderly;

    public StreamConsumer(StreamWorker<T> worker, StreamSettings settings, StreamTopicMaker topics, StreamProducer producer, Task prepared, ILogger logger)
    {
        _worker = worker;
        _settings = settings;
        _topics = topics;
        _prepared = prepared;
        _logger = logger;
        _work = new StreamWork<T>(worker, settings.OnBroker(worker.Topic.Name), settings.GroupOnBroker(worker.Group), producer, logger);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _prepared.WaitAsync(stoppingToken);
        await Task.WhenAll(_topics.Made(_worker.Topic), _topics.Made(StreamTopicMaker.DeadLetterOf(_worker.Topic))).WaitAsync(stoppingToken);
        StreamTelemetry.Begin(_work.Topic, _work.Group);
        StreamTelemetry.WatchLag(this, () => Volatile.Read(ref _lag));
        try
        {
            await Task.Factory.StartNew(() => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            StreamTelemetry.ForgetLag(this);
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _orderly = true;
        return base.StopAsync(cancellationToken);
    }

    void Run(CancellationToken stop)
    {
        for (var wait = TimeSpan.FromMilliseconds(500); !stop.IsCancellationRequested; wait = TimeSpan.FromSeconds(Math.Min(30, wait.TotalSeconds * 2)))
        {
            try
            {
                Consume(stop);
            }
            catch (Exception e)
            {
                _logger.LogError(e, "{Group} has to join {Topic} anew in {Wait}: {Reason}", _work.Group, _work.Topic, wait, e.Message);
                stop.WaitHandle.WaitOne(wait);
            }
        }
    }

    void Consume(CancellationToken stop)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(_settings.Consumer(_work.Group))
            .SetKeyDeserializer(Deserializers.ByteArray!)
            .SetValueDeserializer(Deserializers.ByteArray!)
            .SetLogHandler((_, message) => KafkaConnection.Log(_logger, message))
            .SetErrorHandler((_, error) => _logger.LogDebug("{Group} on {Topic}: {Reason}", _work.Group, _work.Topic, error.Reason))
            .SetOffsetsCommittedHandler((_, committed) => Report(committed))
            .SetPartitionsAssignedHandler((c, assigned) => Assign(c, assigned))
            .SetPartitionsRevokedHandler((_, revoked) => Release(revoked.Select(r => r.TopicPartition), StreamPartition<T>.Grace))
            .SetPartitionsLostHandler((_, lost) => Release(lost.Select(l => l.TopicPartition), TimeSpan.Zero))
            .Build();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var lag = Task.Run(() => MeasureLag(consumer, ended.Token), CancellationToken.None);
        try
        {
            consumer.Subscribe(_work.Topic);
            Poll(consumer, stop);
        }
        finally
        {
            ended.Cancel();
            lag.Wait(CancellationToken.None);
            if (_orderly)
            {
                // Gives the partitions back one by one, with their offsets, so that others go on at once.
                consumer.Close();
            }

            Release([.. _partitions.Values.Select(p => p.TopicPartition)], TimeSpan.Zero);
        }
    }

    void Poll(IConsumer<byte[]?, byte[]?> consumer, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(100) is { } record && _partitions.TryGetValue(record.Partition.Value, out var partition))
                {
                    partition.Take(record);
                }
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                _logger.LogWarning("{Group} cannot read {Topic} now: {Reason}", _work.Group, _work.Topic, e.Error.Reason);
            }

            if (_fresh.Count > 0)
            {
                // The client remembers that a partition was paused beyond its being taken away and given again.
                consumer.Resume(_fresh);
                _fresh.Clear();
            }
        }
    }

    void Assign(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartition> assigned)
    {
        foreach (var partition in assigned)
        {
            try
            {
                _worker.Assigned(partition.Partition.Value);
            }
            catch (Exception e)
            {
                _logger.LogError(e, "{Group} failed to prepare for partition {Partition} of {Topic}", _work.Group, partition.Partition.Value, _work.Topic);
            }

            _partitions[partition.Partition.Value] = new StreamPartition<T>(consumer, partition, _work);
            _fresh.Add(partition);
        }

        if (assigned.Count > 0)
        {
            _logger.LogInformation("{Group} takes partitions {Partitions} of {Topic}", _work.Group, string.Join(',', assigned.Select(p => p.Partition.Value)), _work.Topic);
        }
    }

    /// <summary>Ends the work on partitions. Within the grace a running batch may finish, and its offset goes to the broker before the partition does.</summary>
    void Release(IEnumerable<TopicPartition> partitions, TimeSpan grace)
    {
        var released = partitions.Select(p => _partitions.TryRemove(p.Partition.Value, out var known) ? known : null).OfType<StreamPartition<T>>().ToArray();
        foreach (var partition in released)
        {
            partition.Stop();
            _fresh.Remove(partition.TopicPartition);
        }

        if (grace > TimeSpan.Zero && !Task.WaitAll([.. released.Select(p => p.Done)], grace))
        {
            _logger.LogWarning("{Group} gives up partitions of {Topic} with batches unfinished after {Grace}; others will handle them again", _work.Group, _work.Topic, grace);
        }

        foreach (var partition in released)
        {
            partition.Abort();
        }
    }

    void Report(CommittedOffsets committed)
    {
        if (!committed.Error.IsError || committed.Error.Code == ErrorCode.Local_NoOffset)
        {
            return;
        }

        if (committed.Offsets.Where(o => !_partitions.ContainsKey(o.Partition.Value)).Select(o => o.Partition.Value).ToArray() is { Length: > 0 } given)
        {
            // A group that is just being put together takes no offsets. The last commit that it took is where the next owner begins.
            _logger.LogWarning("{Group} gave partitions {Partitions} of {Topic} back without their last offsets; others will handle some records again: {Reason}",
                _work.Group, string.Join(',', given), _work.Topic, committed.Error.Reason);
        }
        else
        {
            _logger.LogDebug("{Group} could not commit offsets of {Topic} and will again: {Reason}", _work.Group, _work.Topic, committed.Error.Reason);
        }
    }

    async Task MeasureLag(IConsumer<byte[]?, byte[]?> consumer, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(LagInterval);
        try
        {
            do
            {
                if (StreamTelemetry.LagIsWatched)
                {
                    Volatile.Write(ref _lag, LagNow(consumer, ended));
                }
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException)
        {
            Volatile.Write(ref _lag, []);
        }
    }

    List<Measurement<long>> LagNow(IConsumer<byte[]?, byte[]?> consumer, CancellationToken ended)
    {
        List<Measurement<long>> lag = [];
        foreach (var (number, partition) in _partitions)
        {
            try
            {
                ended.ThrowIfCancellationRequested();
                var offsets = consumer.QueryWatermarkOffsets(partition.TopicPartition, QueryTimeout);
                if (partition.Next < 0 && consumer.Committed([partition.TopicPartition], QueryTimeout) is [{ Offset.IsSpecial: false } committed])
                {
                    partition.StartAt(committed.Offset.Value);
                }

                lag.Add(StreamTelemetry.LagOf(_work.Topic, number, _work.Group, Math.Max(0, offsets.High.Value - Math.Max(partition.Next, offsets.Low.Value))));
            }
            catch (KafkaException e)
            {
                _logger.LogDebug("The lag of {Group} on {Topic} is not known now: {Reason}", _work.Group, _work.Topic, e.Error.Reason);
                break;
            }
        }

        return lag;
    }
}
