using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EdTech.Hosting;

/// <summary>Traces and metrics of streams, under the runtime's source and meter.</summary>
static class StreamTelemetry
{
    const int MaxLinks = 128;
    static readonly ActivitySource Source = new(Telemetry.SourceName);
    static readonly Meter Meter = new(Telemetry.SourceName);
    static readonly ConcurrentDictionary<object, Func<IEnumerable<Measurement<long>>>> Lags = new();
    static readonly Counter<long> Appended = Meter.CreateCounter<long>("edtech.stream.appended", "{record}", "Records that the broker accepted");
    static readonly Counter<long> Records = Meter.CreateCounter<long>("edtech.stream.records", "{record}", "Records handled");
    static readonly Counter<long> Dead = Meter.CreateCounter<long>("edtech.stream.dead", "{record}", "Records put into a dead-letter topic");
    static readonly Histogram<double> BatchDuration = Meter.CreateHistogram<double>("edtech.stream.batch.duration", "s", "Time from taking a batch to its offset being ready to commit", null, Telemetry.Seconds);
    static readonly ObservableGauge<long> Lag = Meter.CreateObservableGauge("edtech.stream.lag", () => Lags.Values.SelectMany(l => l()), "{record}", "Records of a partition that its group has not handled yet");

    /// <summary>Whether somebody else than the gauge's listeners asks for lags.</summary>
    public static bool LagIsChecked { get; set; }

    public static bool LagIsWatched => LagIsChecked || Lag.Enabled;

    /// <summary>Records that a group has not handled yet, on the partitions of this process.</summary>
    public static long Behind(string group)
        => Lags.Values.SelectMany(l => l()).Where(m => m.Tags.ToArray().Any(t => t is { Key: "messaging.consumer.group.name", Value: string of } && of == group)).Sum(m => m.Value);

    public static void WatchLag(object owner, Func<IEnumerable<Measurement<long>>> lag) => Lags[owner] = lag;

    public static void ForgetLag(object owner) => Lags.TryRemove(owner, out _);

    public static Measurement<long> LagOf(string topic, int partition, string group, long lag)
        => new(lag, new("messaging.destination.name", topic), new("messaging.destination.partition.id", partition), new("messaging.consumer.group.name", group));

    public static Activity? StartSend(string topic)
    {
        var activity = Source.HasListeners() ? Source.StartActivity($"send {topic}", ActivityKind.Producer) : null;
        activity?.SetTag("messaging.system", "kafka");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.destination.name", topic);
        return activity;
    }

    public static void Sent(Activity? activity, string topic, StreamPosition position)
    {
        Appended.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", topic));
        activity?.SetTag("messaging.destination.partition.id", position.Partition);
        activity?.SetTag("messaging.kafka.offset", position.Offset);
    }

    /// <summary>A batch has many parents: its span is linked to their producers' (to at most 128 of them).</summary>
    public static Activity? StartProcess(string topic, int partition, string group, int records, IEnumerable<string?> traceParents)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        List<ActivityLink> links = [];
        foreach (var traceParent in traceParents.Where(t => t is not null).Distinct(StringComparer.Ordinal).Take(MaxLinks))
        {
            if (ActivityContext.TryParse(traceParent, null, isRemote: true, out var context))
            {
                links.Add(new ActivityLink(context));
            }
        }

        var activity = Source.StartActivity($"process {topic}", ActivityKind.Consumer, default(ActivityContext), links: links);
        activity?.SetTag("messaging.system", "kafka");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", topic);
        activity?.SetTag("messaging.destination.partition.id", partition);
        activity?.SetTag("messaging.consumer.group.name", group);
        activity?.SetTag("messaging.batch.message_count", records);
        return activity;
    }

    /// <summary>Shows the counters from the beginning, as <see cref="Telemetry.Begin"/>.</summary>
    public static void Begin(string topic, string group)
    {
        var tags = new TagList { { "messaging.destination.name", topic }, { "messaging.consumer.group.name", group } };
        Records.Add(0, tags);
        Dead.Add(0, tags);
    }

    public static void Handled(string topic, string group, int records, long started)
    {
        var tags = new TagList { { "messaging.destination.name", topic }, { "messaging.consumer.group.name", group } };
        Records.Add(records, tags);
        BatchDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
    }

    public static void Died(string topic, string group)
        => Dead.Add(1, new("messaging.destination.name", topic), new("messaging.consumer.group.name", group));
}
