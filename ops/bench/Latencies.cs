using System.Diagnostics;

namespace EdTech.Bench;

/// <summary>How long each of many took, in milliseconds.</summary>
sealed class Latencies
{
    readonly List<double> _sorted;

    public Latencies(IEnumerable<double> milliseconds) => _sorted = [.. milliseconds.Order()];

    public static Latencies Together(IEnumerable<Latencies> parts) => new(parts.SelectMany(p => p._sorted));

    public int Count => _sorted.Count;

    public double P50 => At(0.50);

    public double P99 => At(0.99);

    public double Longest => _sorted[^1];

    double At(double share) => _sorted[Math.Min(_sorted.Count - 1, (int)(share * _sorted.Count))];

    /// <summary>One after the other.</summary>
    public static async Task<Latencies> OneByOne(int warmUp, TimeSpan duration, Func<int, Task> act)
    {
        var took = new List<double>();
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i <= warmUp || Stopwatch.GetElapsedTime(since) < duration; i++)
        {
            if (i == warmUp)
            {
                since = Stopwatch.GetTimestamp();
            }

            var started = Stopwatch.GetTimestamp();
            await act(i);
            if (i >= warmUp)
            {
                took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        return new Latencies(took);
    }

    /// <summary>At a fixed rate, whether or not the earlier ones have been answered: a server that stalls does not slow its callers down.</summary>
    public static async Task<Latencies> AtRate(int perSecond, int warmUp, TimeSpan duration, Func<int, Task> act)
    {
        var count = warmUp + (int)(perSecond * duration.TotalSeconds);
        var running = new Task<double>[count];
        var since = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(since);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }

            running[i] = Timed(act, i);
        }

        return new Latencies((await Task.WhenAll(running)).Skip(warmUp));
    }

    static async Task<double> Timed(Func<int, Task> act, int i)
    {
        var started = Stopwatch.GetTimestamp();
        await act(i);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
