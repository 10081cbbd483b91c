using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Bench;

/// <summary>Gathers what was measured and writes it as Markdown and as JSON, with the targets of the design beside it.</summary>
sealed class Results
{
    readonly List<(string Measure, string Target, string Measured, bool? Met)> _targets = [];
    readonly List<(string What, int Round, Rate Rate)> _rates = [];
    readonly List<(string What, Latencies Latencies)> _latencies = [];
    readonly List<(string What, string Value)> _others = [];
    readonly List<string> _missing = [];

    public bool Complete => _missing.Count == 0;

    public void Add(string what, int round, Rate rate)
    {
        _rates.Add((what, round, rate));
        Console.Error.WriteLine($"  {what,-44} {Text(rate.PerSecond, 0),8}/s  {Text(rate.AllProcesses, 0),6} us = {Text(rate.Program, 0)} + pg {Text(rate.Database, 0)} + mq {Text(rate.Broker, 0)}  others {Share(rate.Others)}");
    }

    public void Add(string what, Latencies latencies)
    {
        _latencies.Add((what, latencies));
        Console.Error.WriteLine($"  {what,-44} p50 {Text(latencies.P50, 1)} ms, p99 {Text(latencies.P99, 1)} ms");
    }

    public void Add(string what, string value)
    {
        _others.Add((what, value));
        Console.Error.WriteLine($"  {what,-44} {value}");
    }

    public void Target(string measure, string target, string measured, bool? met) => _targets.Add((measure, target, measured, met));

    /// <summary>A part that could not be measured is said, and does not keep the others.</summary>
    public void Missing(string part, Exception reason)
    {
        _missing.Add($"{part}: {reason.Message.ReplaceLineEndings(" ")}");
        Console.Error.WriteLine($"  NOT MEASURED {part}: {reason}");
    }

    public double Median(string what, Func<Rate, double> of) => Median(_rates.Where(r => r.What == what).Select(r => of(r.Rate)));

    /// <summary>Median over the rounds of the ratio within each round: what else ran on the machine then slowed both.</summary>
    public double Ratio(string what, string against) => Median(_rates.Where(r => r.What == what)
        .Select(r => r.Rate.PerSecond / _rates.Single(a => a.What == against && a.Round == r.Round).Rate.PerSecond));

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public string ToMarkdown(string versions, double seconds)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"""
            # What the platform did, against what its servers can do

            Written by `ops/bench/run` on {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC in {seconds:0} s. Limits and measurements of one run on one machine:
            {Processor()}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.OSDescription}.
            {versions}. Servers, load and platform share the cores; PostgreSQL with fsync on, quorum queues,
            persistent messages, publisher confirms. Other processes took {Share(_rates.Min(r => r.Rate.Others))} to {Share(_rates.Max(r => r.Rate.Others))} of the machine during the rates below, in the median
            {Share(Median(_rates.Select(r => r.Rate.Others)))}; where they took more, compare ratios and microseconds, not rates.

            ## Targets

            | measure | target | measured | |
            |---|---|---|---|

            """);
        foreach (var (measure, target, measured, met) in _targets)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {measure} | {target} | {measured} | {met switch { true => "met", false => "**missed**", null => "" }} |\n");
        }

        text.Append("\n## Rates\n\nMedians of the rounds; microseconds are processor time a message or request costs in each program.\n\n| | a second | all us | our process | PostgreSQL | RabbitMQ |\n|---|---|---|---|---|---|\n");
        foreach (var what in _rates.Select(r => r.What).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {Text(Median(what, r => r.PerSecond), 0)} | {Text(Median(what, r => r.AllProcesses), 0)} | {Text(Median(what, r => r.Program), 0)} | {Text(Median(what, r => r.Database), 0)} | {Text(Median(what, r => r.Broker), 0)} |\n");
        }

        text.Append("\n## Latencies and the rest\n\n| | p50 ms | p99 ms | longest ms | of |\n|---|---|---|---|---|\n");
        foreach (var (what, l) in _latencies)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {Text(l.P50, 1)} | {Text(l.P99, 1)} | {Text(l.Longest, 1)} | {l.Count} |\n");
        }

        text.Append('\n');
        foreach (var (what, value) in _others)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {what}: {value}\n");
        }

        foreach (var missing in _missing)
        {
            text.Append(CultureInfo.InvariantCulture, $"- **Not measured**: {missing}\n");
        }

        text.Append("\n## Raw numbers\n\n| round | | a second | of | our us | PostgreSQL us | RabbitMQ us | others |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var (what, round, r) in _rates)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {round} | {what} | {Text(r.PerSecond, 0)} | {r.Count} | {Text(r.Program, 0)} | {Text(r.Database, 0)} | {Text(r.Broker, 0)} | {Share(r.Others)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The same for programs: every number as measured; what was divided by nothing is the string "NaN".</summary>
    public string ToJson(string versions, double seconds) => JsonSerializer.Serialize(
        new
        {
            WrittenAt = DateTimeOffset.UtcNow,
            Seconds = seconds,
            Machine = new { Processor = Processor(), Cores = Environment.ProcessorCount, MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, System = RuntimeInformation.OSDescription, Versions = versions },
            Targets = _targets.Select(t => new { t.Measure, t.Target, t.Measured, t.Met }),
            Rates = _rates.Select(r => new { r.What, r.Round, r.Rate.PerSecond, r.Rate.Count, ProgramMicroseconds = r.Rate.Program, PostgresMicroseconds = r.Rate.Database, RabbitMicroseconds = r.Rate.Broker, OthersShare = r.Rate.Others }),
            Latencies = _latencies.Select(l => new { l.What, P50Milliseconds = l.Latencies.P50, P99Milliseconds = l.Latencies.P99, LongestMilliseconds = l.Latencies.Longest, l.Latencies.Count }),
            Others = _others.Select(o => new { o.What, o.Value }),
            NotMeasured = _missing,
        },
        Json);

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string Text(double value, int decimals) => value.ToString($"N{decimals}", CultureInfo.InvariantCulture);

    static string Share(double share) => share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);

    static string Processor() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
}
