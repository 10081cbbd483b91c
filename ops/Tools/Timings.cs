using System.Collections.Concurrent;
using System.Globalization;

namespace EdTech.Tools;

/// <summary>How long each kind of request took, and which statuses came.</summary>
sealed class Timings
{
    readonly ConcurrentDictionary<string, ConcurrentBag<(double Milliseconds, int Status)>> _requests = new(StringComparer.Ordinal);

    public int Count => _requests.Values.Sum(r => r.Count);

    public int CountOf(Func<int, bool> status) => _requests.Values.Sum(r => r.Count(x => status(x.Status)));

    public void Add(string what, TimeSpan took, int status) => _requests.GetOrAdd(what, _ => []).Add((took.TotalMilliseconds, status));

    public void Print(TextWriter to)
    {
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"request",-22}{"count",8}{"p50 ms",9}{"p95 ms",9}{"p99 ms",9}{"max ms",9}  statuses"));
        foreach (var (what, requests) in _requests.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            var sorted = requests.Select(r => r.Milliseconds).Order().ToArray();
            double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
            var statuses = string.Join(' ', requests.GroupBy(r => r.Status).OrderBy(g => g.Key).Select(g => $"{g.Key}:{g.Count()}"));
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-22}{sorted.Length,8}{At(0.5),9:F1}{At(0.95),9:F1}{At(0.99),9:F1}{sorted[^1],9:F1}  {statuses}"));
        }
    }
}
