using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Confluent.Kafka;
using EdTech.Contracts;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>
/// Handles batches until nothing is left to do for them: each record was handled or is in the dead-letter topic. Power failure: the batch comes again;
/// what was handled is handled again, and a dead letter may be there twice (same <c>dead_partition</c> and <c>dead_offset</c>).
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle and holds nothing to dispose of; a handler that is late still gives its slot back.")]
sealed class StreamWork<T>
    where T : class, IStreamRecord
{
    const int MaxReason = 1_000;
    static readonly TimeSpan[] Retries = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)];
    readonly StreamWorker<T> _worker;
    readonly StreamProducer _producer;
    readonly ILogger _logger;
    readonly StreamTopic _deadLetter;
    readonly SemaphoreSlim _slots;
    readonly FrozenDictionary<string, JsonTypeInfo> _readers = StreamTypes.ReadersOf(typeof(T));

    public StreamWork(StreamWorker<T> worker, string topic, string group, StreamProducer producer, ILogger logger)
    {
        _worker = worker;
        _producer = producer;
        _logger = logger;
        _deadLetter = StreamTopicMaker.DeadLetterOf(worker.Topic);
        _slots = new SemaphoreSlim(worker.Concurrency);
        (Topic, Group, MaxBatch, Linger) = (topic, group, worker.MaxBatch, worker.Linger);
    }

    /// <summary>The topic's name on the broker.</summary>
    public string Topic { get; }

    /// <summary>The group's name on the broker.</summary>
    public string Group { get; }

    public int MaxBatch { get; }

    public TimeSpan Linger { get; }

    /// <summary>Returns when the offset may move past the batch.</summary>
    /// <param name="partition">Whose records they are.</param>
    /// <param name="batch">As read.</param>
    /// <param name="stop">No further try is begun.</param>
    /// <param name="abort">The running try is to end.</param>
    public async Task HandleToTheEnd(TopicPartition partition, List<ConsumeResult<byte[]?, byte[]?>> batch, CancellationToken stop, CancellationToken abort)
    {
        var started = Stopwatch.GetTimestamp();
        var records = new List<StreamRecord<T>>(batch.Count);
        foreach (var raw in batch)
        {
            if (Read(raw, out var reason) is { } value)
            {
                records.Add(new StreamRecord<T>(value, new StreamPosition(raw.Partition.Value, raw.Offset.Value), raw.Message.Headers.Text(CloudEventHeaders.TraceParent)));
            }
            else
            {
                await Bury(raw, reason, stop);
            }
        }

        if (records.Count == 0)
        {
            return;
        }

        using (StreamTelemetry.StartProcess(Topic, partition.Partition.Value, Group, records.Count, records.Select(r => r.TraceParent)))
        {
            var rejected = await HandleTogether(partition, records, stop, abort);
            foreach (var (record, reason) in rejected.DistinctBy(r => r.Record.Position.Offset))
            {
                await Bury(batch.Find(r => r.Offset.Value == record.Position.Offset)!, reason, stop);
            }
        }

        StreamTelemetry.Handled(Topic, Group, records.Count, started);
    }

    public void Report(Exception exception, TopicPartition partition)
        => _logger.LogError(exception, "{Group} could not finish a batch of {Topic}/{Partition} and begins it again", Group, Topic, partition.Partition.Value);

    async Task<IReadOnlyList<(StreamRecord<T> Record, string Reason)>> HandleTogether(TopicPartition partition, List<StreamRecord<T>> records, CancellationToken stop, CancellationToken abort)
    {
        for (var failures = 0; ;)
        {
            try
            {
                return await HandleWhenStorageIsThere(partition, records, stop, abort);
            }
            catch (Exception e) when (!IsEnd(e, stop, abort))
            {
                if (failures == Retries.Length)
                {
                    _logger.LogWarning(e, "{Group} handles {Count} records of {Topic}/{Partition} from offset {Offset} one by one after {Failures} failures", Group, records.Count, Topic, partition.Partition.Value, records[0].Position.Offset, failures + 1);
                    return await HandleOneByOne(partition, records, e, stop, abort);
                }

                _logger.LogDebug(e, "{Group} tries a batch of {Topic}/{Partition} again: {Reason}", Group, Topic, partition.Partition.Value, e.Message);
                await Task.Delay(Retries[failures++], stop);
            }
        }
    }

    async Task<IReadOnlyList<(StreamRecord<T> Record, string Reason)>> HandleOneByOne(TopicPartition partition, List<StreamRecord<T>> records, Exception together, CancellationToken stop, CancellationToken abort)
    {
        if (records.Count == 1)
        {
            return [(records[0], ReasonOf(together))];
        }

        List<(StreamRecord<T> Record, string Reason)> rejected = [];
        foreach (var record in records)
        {
            try
            {
                rejected.AddRange(await HandleWhenStorageIsThere(partition, [record], stop, abort));
            }
            catch (Exception e) when (!IsEnd(e, stop, abort))
            {
                rejected.Add((record, ReasonOf(e)));
            }
        }

        return rejected;
    }

    async Task<IReadOnlyList<(StreamRecord<T> Record, string Reason)>> HandleWhenStorageIsThere(TopicPartition partition, IReadOnlyList<StreamRecord<T>> records, CancellationToken stop, CancellationToken abort)
    {
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            try
            {
                await _slots.WaitAsync(stop);
                try
                {
                    var batch = new StreamBatch<T>(_worker.Topic, partition.Partition.Value, records);
                    await _worker.Handle(batch, abort);
                    return batch.Rejected;
                }
                finally
                {
                    _slots.Release();
                }
            }
            catch (Exception e) when (!IsEnd(e, stop, abort) && Outages.Is(e))
            {
                _logger.LogWarning("{Group} waits at {Topic}/{Partition}, offset {Offset}: {Reason}", Group, Topic, partition.Partition.Value, records[0].Position.Offset, e.Message);
                await Task.Delay(wait, stop);
            }
        }
    }

    T? Read(ConsumeResult<byte[]?, byte[]?> raw, out string reason)
    {
        var headers = raw.Message.Headers;
        if (headers is null || headers.Text(CloudEventHeaders.SpecVersion) is not { } version)
        {
            reason = "It is no CloudEvent: it has no header ce_specversion.";
        }
        else if (!version.StartsWith("1.", StringComparison.Ordinal))
        {
            reason = "It is a CloudEvent of another version than 1.";
        }
        else if (headers.Text(CloudEventHeaders.Id) is not { Length: > 0 })
        {
            reason = "It has no header ce_id.";
        }
        else if (headers.Text(CloudEventHeaders.Type) is not { Length: > 0 } type)
        {
            reason = "It has no header ce_type.";
        }
        else if (!_readers.TryGetValue(type, out var reader))
        {
            reason = $"Its ce_type is not one that {typeof(T).Name} has.";
        }
        else if (raw.Message.Value is not { Length: > 0 } body)
        {
            reason = "It has no body.";
        }
        else if (body.Length > StreamSettings.MaxBody)
        {
            reason = $"Its body has {body.Length.ToString(CultureInfo.InvariantCulture)} bytes, more than {StreamSettings.MaxBody.ToString(CultureInfo.InvariantCulture)}.";
        }
        else
        {
            try
            {
                if (JsonSerializer.Deserialize(body, reader) is T value)
                {
                    reason = "";
                    return value;
                }

                reason = $"Its body is null instead of a {type}.";
            }
            catch (Exception e) when (e is JsonException or NotSupportedException)
            {
                // The exception's own text may quote the body.
                var where = e is JsonException { LineNumber: { } line, BytePositionInLine: { } position }
                    ? $" at line {(line + 1).ToString(CultureInfo.InvariantCulture)}, byte {(position + 1).ToString(CultureInfo.InvariantCulture)}"
                    : "";
                reason = $"Its body is no readable {type}: syntax error, or a property missing, null or of another kind{where}.";
            }
        }

        return null;
    }

    /// <summary>Waits until the dead-letter topic has the record: its offset must not be passed before.</summary>
    async Task Bury(ConsumeResult<byte[]?, byte[]?> raw, string reason, CancellationToken stop)
    {
        var dead = new Message<byte[]?, byte[]?> { Key = raw.Message.Key, Value = raw.Message.Value, Headers = DeadHeaders(raw, reason) };
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            try
            {
                await _producer.Append(_deadLetter, dead, stop);
                StreamTelemetry.Died(Topic, Group);
                _logger.LogError("{Group} put record {RecordId} of {Topic}/{Partition}, offset {Offset}, into {DeadLetter}: {Reason}", Group, raw.Message.Headers?.Text(CloudEventHeaders.Id), Topic, raw.Partition.Value, raw.Offset.Value, _deadLetter.Name, reason);
                return;
            }
            catch (StreamUnavailableException e)
            {
                _logger.LogWarning("{Group} waits with offset {Offset} of {Topic}/{Partition} for the dead-letter topic: {Reason}", Group, raw.Offset.Value, Topic, raw.Partition.Value, e.Message);
                await Task.Delay(wait, stop);
            }
            catch (InvalidOperationException e) when (e.InnerException is KafkaException)
            {
                // With the reason added it is larger than the broker takes. The original can be read at its place.
                dead = new Message<byte[]?, byte[]?> { Key = null, Value = null, Headers = [] };
                foreach (var header in DeadHeaders(raw, reason).Where(h => h.Key.StartsWith("dead_", StringComparison.Ordinal)))
                {
                    dead.Headers.Add(header.Key, header.GetValueBytes());
                }

                dead.Headers.Add("dead_without_body", "true"u8.ToArray());
                await Task.Delay(wait, stop);
            }
        }
    }

    Confluent.Kafka.Headers DeadHeaders(ConsumeResult<byte[]?, byte[]?> raw, string reason)
    {
        var headers = new Confluent.Kafka.Headers();
        foreach (var header in raw.Message.Headers ?? [])
        {
            headers.Add(header.Key, header.GetValueBytes());
        }

        headers.Add("dead_reason", Encoding.UTF8.GetBytes(reason));
        headers.Add("dead_topic", Encoding.UTF8.GetBytes(Topic));
        headers.Add("dead_partition", Encoding.UTF8.GetBytes(raw.Partition.Value.ToString(CultureInfo.InvariantCulture)));
        headers.Add("dead_offset", Encoding.UTF8.GetBytes(raw.Offset.Value.ToString(CultureInfo.InvariantCulture)));
        headers.Add("dead_group", Encoding.UTF8.GetBytes(Group));
        headers.Add("dead_at", Encoding.UTF8.GetBytes(DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)));
        return headers;
    }

    static bool IsEnd(Exception e, CancellationToken stop, CancellationToken abort) => e is OperationCanceledException && (stop.IsCancellationRequested || abort.IsCancellationRequested);

    static string ReasonOf(Exception e)
    {
        var text = $"{e.GetType().Name}: {e.Message}";
        return text.Length <= MaxReason ? text : text[..MaxReason];
    }
}
