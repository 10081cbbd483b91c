namespace EdTech.Chaos;

/// <summary>Compares what was acknowledged with what is there.</summary>
static class Census
{
    public static int Acknowledged { get; private set; }

    public static int Lost { get; private set; }

    public static int Doubled { get; private set; }

    /// <summary>Each acknowledged thing must be among what was found, each found one once, and none that nobody asked for.</summary>
    public static void Take<T>(string what, IEnumerable<T> acknowledged, IEnumerable<T> found)
        where T : notnull
    {
        var wanted = acknowledged.ToHashSet();
        var there = found.CountBy(f => f).ToDictionary();
        var lost = wanted.Where(w => !there.ContainsKey(w)).ToArray();
        var doubled = there.Where(t => t.Value > 1).Select(t => t.Key).ToArray();
        var unasked = there.Keys.Where(t => !wanted.Contains(t)).ToArray();
        Acknowledged += wanted.Count;
        Lost += lost.Length;
        Doubled += doubled.Length + unasked.Length;
        if (lost.Length + doubled.Length + unasked.Length > 0)
        {
            throw new InvalidOperationException(
                $"{what}: lost {lost.Length} [{string.Join(", ", lost.Take(5))}], doubled {doubled.Length} [{string.Join(", ", doubled.Take(5))}], never acknowledged {unasked.Length} [{string.Join(", ", unasked.Take(5))}] of {wanted.Count}");
        }
    }
}
