namespace EdTech.Learning;

/// <summary>Which word was probably meant.</summary>
static class Spelling
{
    const int MaxTies = 3;

    /// <summary>The candidates with the fewest slips of the pen: one in short words, two from six letters on when the first letter is right.</summary>
    public static string[] Nearest(string asked, IEnumerable<string> candidates)
    {
        var near = candidates
            .Select(word => (Word: word, Slips: Slips(asked, word)))
            .Where(c => c.Slips == 1 || (c.Slips == 2 && asked.Length >= 6 && asked[0] == c.Word[0]))
            .ToList();
        return near.Count == 0
            ? []
            : [.. near
                .Where(c => c.Slips == near.Min(n => n.Slips))
                .OrderBy(c => asked[0] == c.Word[0] ? 0 : 1)
                .ThenBy(c => Math.Abs(asked.Length - c.Word.Length))
                .ThenBy(c => c.Word, StringComparer.Ordinal)
                .Take(MaxTies)
                .Select(c => c.Word)];
    }

    /// <summary>How many letters were added, left out, changed or swapped with their neighbour.</summary>
    public static int Slips(string a, string b)
    {
        var (before, previous, current) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[b.Length];
    }
}
