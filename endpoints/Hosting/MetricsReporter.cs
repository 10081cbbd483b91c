using System.Text;

namespace EdTech.Hosting;

/// <summary>Collects ServiceControl's per-message metrics and reports them in the binary form that its monitoring instance reads.</summary>
/// <param name="host">Whose they are.</param>
/// <param name="report">Takes the headers and the body of one report; must not wait.</param>
sealed class MetricsReporter(HostIdentity host, Action<Dictionary<string, string>, byte[]> report)
{
    public const string Queue = "Particular.Monitoring";
    public static readonly TimeSpan Expiration = TimeSpan.FromDays(7);
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

    /// <summary>Reports what was collected since the last report: one for each metric type that has entries. At least every three minutes, as the format counts time.</summary>
    public void Flush()
    {
        List<KeyValuePair<string, List<(DateTimeOffset At, string Tag, long Value)>>> taken;
        lock (_lock)
        {
            taken = [.. _entries];
            _entries.Clear();
        }

        foreach (var (metric, entries) in taken)
        {
            Report(metric, entries);
        }
    }

    /// <summary>Headers and body by which the monitoring instance knows whose queue to look at: its length is read there, by the broker's management API.</summary>
    public (Dictionary<string, string> Headers, byte[] Body) Metadata()
    {
        var headers = SenderHeaders("application/json");
        headers[Headers.EnclosedMessageTypes] = "NServiceBus.Metrics.EndpointMetadataReport";
        return (headers, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { PluginVersion = 3, LocalAddress = host.Address }));
    }

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
        List<(DateTimeOffset At, string Tag, long Value)>? full = null;
        lock (_lock)
        {
            if (!_entries.TryGetValue(metric, out var entries))
            {
                _entries[metric] = entries = [];
            }

            entries.Add((at, headers.GetValueOrDefault(Headers.EnclosedMessageTypes) ?? "", value));
            if (entries.Count == MaxEntries)
            {
                _entries.Remove(metric);
                full = entries;
            }
        }

        if (full is not null)
        {
            Report(metric, full);
        }
    }

    void Report(string metric, List<(DateTimeOffset At, string Tag, long Value)> entries)
    {
        var headers = SenderHeaders("TaggedLongValueWriterOccurrence");
        headers["NServiceBus.Metric.Type"] = metric;
        report(headers, Encode(entries));
    }

    Dictionary<string, string> SenderHeaders(string contentType) => new(StringComparer.Ordinal)
    {
        [Headers.OriginatingEndpoint] = host.Endpoint,
        [Headers.OriginatingMachine] = OutgoingMessage.Machine,
        [Headers.OriginatingHostId] = host.HostIdN,
        [Headers.HostDisplayName] = host.DisplayName,
        [Headers.ContentType] = contentType,
    };
}
