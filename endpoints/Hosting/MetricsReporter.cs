using System.Text;

namespace EdTech.Hosting;

/// <summary>Collects ServiceControl's per-message metrics and writes them in the binary form that its monitoring instance reads.</summary>
sealed class MetricsReporter(HostIdentity host)
{
    const int MaxEntries = 2_048;
    readonly Lock _lock = new();
    readonly Dictionary<string, List<(DateTimeOffset At, string Tag, long Value)>> _entries = new(StringComparer.Ordinal);

    public void Retried(IReadOnlyDictionary<string, string> headers, DateTimeOffset now) => Add("Retries", headers, now, 1);

    public void Processed(IReadOnlyDictionary<string, string> headers, DateTimeOffset ended, TimeSpan duration)
    {
        Add("ProcessingTime", headers, ended, (long)duration.TotalMilliseconds);
        if ((WireTime.FromWire(headers.GetValueOrDefault(Headers.DeliverAt)) ?? WireTime.FromWire(headers.GetValueOrDefault(Headers.TimeSent))) is { } sent)
        {
            Add("CriticalTime", headers, ended, (long)(ended - sent).TotalMilliseconds);
        }
    }

    /// <summary>Takes what was collected: headers and body of one report per metric type.</summary>
    public IEnumerable<(Dictionary<string, string> Headers, byte[] Body)> Flush()
    {
        List<KeyValuePair<string, List<(DateTimeOffset At, string Tag, long Value)>>> taken;
        lock (_lock)
        {
            taken = [.. _entries];
            _entries.Clear();
        }

        foreach (var (metric, entries) in taken)
        {
            var headers = SenderHeaders("TaggedLongValueWriterOccurrence");
            headers["NServiceBus.Metric.Type"] = metric;
            yield return (headers, Encode(entries));
        }
    }

    public Dictionary<string, string> SenderHeaders(string contentType) => new(StringComparer.Ordinal)
    {
        [Headers.OriginatingEndpoint] = host.Endpoint,
        [Headers.OriginatingMachine] = OutgoingMessage.Machine,
        [Headers.OriginatingHostId] = host.HostIdN,
        [Headers.HostDisplayName] = host.DisplayName,
        [Headers.ContentType] = contentType,
    };

    public static byte[] Encode(List<(DateTimeOffset At, string Tag, long Value)> entries)
    {
        entries.Sort((a, b) => a.At.CompareTo(b.At));
        var tags = entries.Select(e => e.Tag).Distinct(StringComparer.Ordinal).Select((tag, i) => (tag, key: i + 1)).ToDictionary(t => t.tag, t => t.key, StringComparer.Ordinal);
        var start = entries[0].At.UtcTicks;
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(1L);
            writer.Write(start);
            writer.Write(tags.Count);
            foreach (var (tag, key) in tags)
            {
                var bytes = Encoding.UTF8.GetBytes(tag);
                writer.Write(key);
                writer.Write(bytes.Length);
                writer.Write(bytes);
            }

            writer.Write(entries.Count);
            foreach (var (at, tag, value) in entries)
            {
                writer.Write((int)Math.Min(int.MaxValue, at.UtcTicks - start));
                writer.Write(tags[tag]);
                writer.Write(value);
            }
        }

        return stream.ToArray();
    }

    void Add(string metric, IReadOnlyDictionary<string, string> headers, DateTimeOffset at, long value)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(metric, out var entries))
            {
                _entries[metric] = entries = [];
            }

            // Bounded: when the monitoring queue is away for long, the newest numbers are lost, not the process.
            if (entries.Count < MaxEntries)
            {
                entries.Add((at, headers.GetValueOrDefault(Headers.EnclosedMessageTypes) ?? "", value));
            }
        }
    }
}
