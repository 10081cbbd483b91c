using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>Appends records to Kafka topics. A record is accepted when the task completes: then all in-sync replicas have it.</summary>
public interface IStreamProducer
{
    /// <summary>Appends one record under its own id, key and type.</summary>
    /// <exception cref="StreamUnavailableException">The broker did not take it in time. It may still have it: repeat under the same <see cref="IStreamRecord.RecordId"/>.</exception>
    Task<StreamPosition> Produce<T>(StreamTopic topic, T record, CancellationToken cancellationToken)
        where T : IStreamRecord;

    /// <summary>Appends a record whose body is JSON already.</summary>
    /// <exception cref="StreamUnavailableException">As above.</exception>
    Task<StreamPosition> Produce(StreamTopic topic, RawStreamRecord record, CancellationToken cancellationToken);
}

/// <summary>A record whose body is JSON already.</summary>
/// <param name="Id"><c>ce_id</c>.</param>
/// <param name="Key">The partition key.</param>
/// <param name="Type"><c>ce_type</c>.</param>
/// <param name="Source"><c>ce_source</c>.</param>
/// <param name="At"><c>ce_time</c>.</param>
/// <param name="Body">The JSON.</param>
public sealed record RawStreamRecord(string Id, string Key, string Type, string Source, DateTimeOffset At, ReadOnlyMemory<byte> Body);

/// <summary>Where the broker has put a record.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct StreamPosition(int Partition, long Offset);

/// <summary>The broker did not take a record in time.</summary>
public sealed class StreamUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
