using System.Globalization;

namespace EdTech.Bench;

/// <summary>Processor time as the kernel counts it, of whole process trees and of the machine.</summary>
static class ProcessorTime
{
    const double MicrosecondsPerTick = 10_000; // USER_HZ is 100 on every Linux that .NET runs on.

    /// <summary>Used so far by these processes, their descendants, and descendants that have ended.</summary>
    public static double OfTrees(params IEnumerable<int> roots)
    {
        var all = Processes();
        var children = all.ToLookup(p => p.Value.Parent, p => p.Key);
        var open = new Stack<int>(roots);
        var seen = new HashSet<int>();
        var ticks = 0L;
        while (open.TryPop(out var id))
        {
            if (!all.TryGetValue(id, out var process) || !seen.Add(id))
            {
                continue;
            }

            ticks += process.Ticks;
            foreach (var child in children[id])
            {
                open.Push(child);
            }
        }

        return ticks * MicrosecondsPerTick;
    }

    /// <summary>Used so far by everything on the machine, this process included.</summary>
    public static double OfMachine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // user nice system idle iowait irq softirq steal
        return new[] { 1, 2, 3, 6, 7 }.Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture)) * MicrosecondsPerTick;
    }

    /// <summary>Processes of this name that have no parent of the same name.</summary>
    public static int[] Named(string command)
    {
        var all = Processes();
        return [.. all.Where(p => p.Value.Command == command && !(all.TryGetValue(p.Value.Parent, out var parent) && parent.Command == command)).Select(p => p.Key)];
    }

    static Dictionary<int, (int Parent, string Command, long Ticks)> Processes()
    {
        var found = new Dictionary<int, (int, string, long)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                // The command stands in parentheses and may hold anything, so the numbers are counted from the last one.
                var stat = File.ReadAllText($"{directory}/stat");
                var open = stat.IndexOf('(', StringComparison.Ordinal);
                var close = stat.LastIndexOf(')');
                var fields = stat[(close + 2)..].Split(' ');
                var ticks = fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture));
                found[id] = (int.Parse(fields[1], CultureInfo.InvariantCulture), stat[(open + 1)..close], ticks);
            }
            catch (IOException)
            {
                continue; // It ended meanwhile.
            }
        }

        return found;
    }
}
