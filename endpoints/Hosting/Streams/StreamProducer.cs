using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>
/// Appends through the host's one idempotent producer: the client repeats by itself while the broker is away, without doubling or reordering. Power
/// failure: before the task completes the record may or may not be there, so the caller repeats it under the same id; afterwards it is on all in-sync replicas.
/// </summary>
sealed class StreamProducer(StreamSettings settings, KafkaConnection connection, StreamTopicMaker topics, StreamSource source) : IStreamProducer
{
    readonly byte[] _source = Encoding.UTF8.GetBytes(source.Name);
    readonly ConcurrentDictionary<string, BeforeTheTopic> _queues = new(StringComparer.Ordinal);

    public Task<StreamPosition> Produce<T>(StreamTopic topic, T record, CancellationToken cancellationToken)
        where T : IStreamRecord
    {
        var type = StreamTypes.Of(record.GetType());
        return Append(
            topic,
            record.Key,
            JsonSerializer.SerializeToUtf8Bytes(record, type.Json),
            CloudEventHeaders.Of(Utf8(record.RecordId), type.TypeHeader, _source, record.At, type.SchemaHeader),
            cancellationToken);
    }

    public Task<StreamPosition> Produce(StreamTopic topic, RawStreamRecord record, CancellationToken cancellationToken)
        => Append(
            topic,
            record.Key,
            MemoryMarshal.TryGetArray(record.Body, out var body) && body.Offset == 0 && body.Count == body.Array!.Length ? body.Array : record.Body.ToArray(),
            CloudEventHeaders.Of(Encoding.UTF8.GetBytes(record.Id), Encoding.UTF8.GetBytes(record.Type), Encoding.UTF8.GetBytes(record.Source), record.At, Encoding.UTF8.GetBytes("urn:edtech:schema:" + record.Type)),
            cancellationToken);

    async Task<StreamPosition> Append(StreamTopic topic, string key, byte[] body, Confluent.Kafka.Headers headers, CancellationToken ct)
    {
        if (body.Length > StreamSettings.MaxBody)
        {
            throw new ArgumentException($"A record of {body.Length.ToString(CultureInfo.InvariantCulture)} bytes is too large for {topic.Name}, which takes {StreamSettings.MaxBody.ToString(CultureInfo.InvariantCulture)}. Check the length where the content comes in, or store it and append a reference.", nameof(body));
        }

        var name = settings.OnBroker(topic.Name);
        using var activity = StreamTelemetry.StartSend(name);
        if ((activity ?? Activity.Current) is { IdFormat: ActivityIdFormat.W3C, Id: { } trace })
        {
            headers.Add(CloudEventHeaders.TraceParent, Encoding.ASCII.GetBytes(trace));
        }

        var position = await Append(topic, new Message<byte[]?, byte[]?> { Key = Encoding.UTF8.GetBytes(key), Value = body, Headers = headers }, ct);
        StreamTelemetry.Sent(activity, name, position);
        return position;
    }

    /// <summary>Appends a message as it is: what goes to a dead-letter topic keeps its bytes.</summary>
    internal async Task<StreamPosition> Append(StreamTopic topic, Message<byte[]?, byte[]?> message, CancellationToken ct)
    {
        var made = topics.Made(topic);
        var queue = _queues.GetOrAdd(topic.Name, static _ => new BeforeTheTopic());
        if (made.IsCompletedSuccessfully && Volatile.Read(ref queue.Waiting) == 0)
        {
            return await Start(topic, message, ct);
        }

        // Who appends without waiting for each record relies on their order, also while the topic is being made.
        Task<StreamPosition> started;
        Interlocked.Increment(ref queue.Waiting);
        try
        {
            started = await WhenMade(topic, made, queue, () => Start(topic, message, ct), ct);
        }
        finally
        {
            Interlocked.Decrement(ref queue.Waiting);
        }

        return await started;
    }

    async Task<Task<StreamPosition>> WhenMade(StreamTopic topic, Task made, BeforeTheTopic queue, Func<Task<StreamPosition>> start, CancellationToken ct)
    {
        var name = settings.OnBroker(topic.Name);
        var began = Stopwatch.GetTimestamp();
        try
        {
            if (!await queue.Turn.WaitAsync(settings.Timeout, ct))
            {
                throw new TimeoutException();
            }

            try
            {
                var left = settings.Timeout - Stopwatch.GetElapsedTime(began);
                await made.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, ct);
                return start();
            }
            finally
            {
                queue.Turn.Release();
            }
        }
        catch (TimeoutException late)
        {
            throw new StreamUnavailableException($"Topic {name} could not be made within {settings.Timeout.TotalSeconds:0.#} s: the broker is not reachable. Repeat later.", late);
        }
        catch (OperationCanceledException stopped) when (!ct.IsCancellationRequested)
        {
            throw new StreamUnavailableException($"Topic {name} is not there and the host is stopping.", stopped);
        }
    }

    async Task<StreamPosition> Start(StreamTopic topic, Message<byte[]?, byte[]?> message, CancellationToken ct)
    {
        var name = settings.OnBroker(topic.Name);
        IProducer<byte[]?, byte[]?>? producer = null;
        try
        {
            producer = connection.Producer;
            var delivered = await producer.ProduceAsync(name, message, ct);
            return new StreamPosition(delivered.Partition.Value, delivered.Offset.Value);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsg or ErrorCode.InvalidRecord)
        {
            throw new InvalidOperationException($"{name} does not take this record: {e.Error.Reason}.", e);
        }
        catch (KafkaException e)
        {
            if (e.Error.IsFatal || e.Error.Code == ErrorCode.Local_Fatal)
            {
                connection.Replace(producer!, e.Error.Reason);
            }

            throw new StreamUnavailableException(
                e.Error.Code == ErrorCode.Local_QueueFull
                    ? $"{name} takes no record now: as many as may wait for the broker are waiting already. Repeat later under the same id."
                    : $"{name} did not take a record within {settings.Timeout.TotalSeconds:0.#} s: {e.Error.Reason}. Repeat it under the same id.",
                e);
        }
        catch (ObjectDisposedException e)
        {
            throw new StreamUnavailableException($"{name} did not take a record: the producer is being replaced or the host stops. Repeat it under the same id.", e);
        }
    }

    static byte[] Utf8(Guid id)
    {
        var text = new byte[36];
        id.TryFormat(text, out _);
        return text;
    }

    /// <summary>Records that wait for their topic, first come first served: the semaphore lets its waiters in by their age.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle and holds nothing to dispose of.")]
    sealed class BeforeTheTopic
    {
        public readonly SemaphoreSlim Turn = new(1);
        public int Waiting;
    }
}
