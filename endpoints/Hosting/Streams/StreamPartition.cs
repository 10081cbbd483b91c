using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Confluent.Kafka;
using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>One partition while it belongs to this instance: what was read of it, and the one batch of it that is being handled.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The sources have no timer and hold nothing to dispose of; a handler that is late may still look at its token.")]
sealed class StreamPartition<T>
    where T : class, IStreamRecord
{
    /// <summary>How long a running batch may take to finish when its partition is to be given back.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    const long FullBytes = 8 * 1024 * 1024;
    readonly IConsumer<byte[]?, byte[]?> _consumer;
    readonly StreamWork<T> _work;
    readonly Channel<ConsumeResult<byte[]?, byte[]?>> _read = Channel.CreateUnbounded<ConsumeResult<byte[]?, byte[]?>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _abort = new();
    readonly Lock _lock = new();
    int _waiting;
    long _waitingBytes;
    long _next = Offset.Unset;
    bool _paused;
    bool _gone;

    public StreamPartition(IConsumer<byte[]?, byte[]?> consumer, TopicPartition partition, StreamWork<T> work)
    {
        _consumer = consumer;
        _work = work;
        TopicPartition = partition;
        Done = Task.Run(Work);
    }

    public TopicPartition TopicPartition { get; }

    /// <summary>Completes after <see cref="Stop"/>, when the running batch has ended.</summary>
    public Task Done { get; }

    /// <summary>The offset after the last record that is done with; negative while none is.</summary>
    public long Next => Volatile.Read(ref _next);

    public void StartAt(long offset) => Interlocked.CompareExchange(ref _next, offset, Offset.Unset);

    /// <summary>Called by the polling thread. Above a bound the partition is paused, so that a slow handler costs no memory and no membership.</summary>
    public void Take(ConsumeResult<byte[]?, byte[]?> record)
    {
        lock (_lock)
        {
            if (_gone)
            {
                return;
            }

            _waiting++;
            _waitingBytes += SizeOf(record);
            _read.Writer.TryWrite(record);
            if (!_paused && (_waiting >= 4 * _work.MaxBatch || _waitingBytes >= FullBytes))
            {
                _consumer.Pause([TopicPartition]);
                _paused = true;
            }
        }
    }

    /// <summary>No further batch is begun.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>The partition is someone else's now: whatever still runs must not move its offset.</summary>
    public void Abort()
    {
        lock (_lock)
        {
            _gone = true;
        }

        _stop.Cancel();
        _abort.Cancel();
    }

    async Task Work()
    {
        try
        {
            while (await _read.Reader.WaitToReadAsync(_stop.Token))
            {
                await Handle(await NextBatch());
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What was read and not handled is read again by whoever has the partition next.
        }
    }

    async Task Handle(List<ConsumeResult<byte[]?, byte[]?>> batch)
    {
        while (true)
        {
            try
            {
                await _work.HandleToTheEnd(TopicPartition, batch, _stop.Token, _abort.Token);
                Complete(batch[^1]);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !_stop.IsCancellationRequested)
            {
                // Not the handler's failure (those are caught in the work) but the runtime's own: the partition must neither stop nor skip.
                _work.Report(e, TopicPartition);
                await Task.Delay(TimeSpan.FromSeconds(1), _stop.Token);
            }
        }
    }

    async Task<List<ConsumeResult<byte[]?, byte[]?>>> NextBatch()
    {
        if (_work.Linger > TimeSpan.Zero && Volatile.Read(ref _waiting) < _work.MaxBatch)
        {
            await Task.Delay(_work.Linger, _stop.Token);
        }

        var batch = new List<ConsumeResult<byte[]?, byte[]?>>(Math.Min(_work.MaxBatch, Math.Max(1, Volatile.Read(ref _waiting))));
        var bytes = 0L;
        while (batch.Count < _work.MaxBatch && _read.Reader.TryRead(out var record))
        {
            batch.Add(record);
            bytes += SizeOf(record);
        }

        lock (_lock)
        {
            _waiting -= batch.Count;
            _waitingBytes -= bytes;
            if (_paused && !_gone && _waiting <= _work.MaxBatch && _waitingBytes <= FullBytes / 2)
            {
                Resume();
            }
        }

        return batch;
    }

    void Resume()
    {
        try
        {
            _consumer.Resume([TopicPartition]);
            _paused = false;
        }
        catch (KafkaException)
        {
            // It is being taken away; whoever gets it resumes it.
        }
    }

    void Complete(ConsumeResult<byte[]?, byte[]?> last)
    {
        lock (_lock)
        {
            if (_gone)
            {
                return;
            }

            try
            {
                _consumer.StoreOffset(last);
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
            {
                return; // It was taken away this moment: the records come again where it is now.
            }

            Volatile.Write(ref _next, last.Offset.Value + 1);
        }
    }

    static int SizeOf(ConsumeResult<byte[]?, byte[]?> record) => (record.Message.Value?.Length ?? 0) + (record.Message.Key?.Length ?? 0) + 200;
}
