using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>
/// Takes the records of one topic, in batches of one partition each. <see cref="Handle"/> stores, then the offset is committed; a crash in between
/// repeats the batch, so storing must be idempotent by <see cref="IStreamRecord.RecordId"/>. Runs as a consumer group: N instances share the partitions.
/// </summary>
/// <typeparam name="T">The record, or the base of all records of the topic.</typeparam>
public abstract class StreamWorker<T>
    where T : class, IStreamRecord
{
    /// <summary>The topic it reads.</summary>
    public abstract StreamTopic Topic { get; }

    /// <summary>Its consumer group; the endpoint's name and the worker's type by default.</summary>
    public virtual string Group => GetType().FullName!;

    /// <summary>At most this many records a batch.</summary>
    public virtual int MaxBatch => 500;

    /// <summary>How long a batch that is not full waits for more. Zero takes what is there, which is quickest: while one batch is handled the next fills up.</summary>
    public virtual TimeSpan Linger => TimeSpan.Zero;

    /// <summary>Partitions handled at the same time.</summary>
    public virtual int Concurrency => 8;

    /// <summary>
    /// Handles records of one partition, in their order. Throwing has the batch tried again: for as long as it takes while the storage is away,
    /// else three times, then record by record, and the one that fails alone goes to the dead-letter topic.
    /// </summary>
    /// <param name="batch">At least one record.</param>
    /// <param name="cancellationToken">Fires when the partition is no longer this instance's, or the host stops and does not wait any longer.</param>
    protected internal abstract Task Handle(StreamBatch<T> batch, CancellationToken cancellationToken);

    /// <summary>The partition now belongs to this instance: what was remembered of it may be out of date. Called before its first batch; must not block.</summary>
    protected internal virtual void Assigned(int partition)
    {
    }
}

/// <summary>Records of one partition, in their order.</summary>
public sealed class StreamBatch<T>(StreamTopic topic, int partition, IReadOnlyList<StreamRecord<T>> records)
    where T : class, IStreamRecord
{
    readonly List<(StreamRecord<T> Record, string Reason)> _rejected = [];

    /// <summary>The topic.</summary>
    public StreamTopic Topic => topic;

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>The records, oldest first.</summary>
    public IReadOnlyList<StreamRecord<T>> Records => records;

    internal IReadOnlyList<(StreamRecord<T> Record, string Reason)> Rejected => _rejected;

    /// <summary>Puts a record that no rule lets in into the dead-letter topic; the others go on.</summary>
    /// <param name="record">One of <see cref="Records"/>.</param>
    /// <param name="reason">One sentence, without personal data.</param>
    /// <exception cref="ArgumentException">The record is not of this batch.</exception>
    public void Reject(StreamRecord<T> record, string reason)
    {
        if (!records.Contains(record))
        {
            throw new ArgumentException($"The record at offset {record.Position.Offset} of partition {record.Position.Partition} is not of this batch of {topic.Name}.", nameof(record));
        }

        _rejected.Add((record, reason));
    }
}

/// <summary>One record and where it was.</summary>
/// <param name="Value">The record.</param>
/// <param name="Position">Where the broker has it.</param>
/// <param name="TraceParent">The trace it belongs to (W3C), when its producer gave one.</param>
public sealed record StreamRecord<T>(T Value, StreamPosition Position, string? TraceParent)
    where T : class, IStreamRecord;
