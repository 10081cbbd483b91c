using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>The graph of a learning path's courses and what they require.</summary>
static class PathGraph
{
    /// <summary>A cycle, beginning and ending with the same course, each requiring the next; null when there is none.</summary>
    public static IReadOnlyList<Guid>? Cycle(IReadOnlyList<PathStep> steps)
    {
        var requires = steps.ToDictionary(s => s.CourseId, s => s.Requires);
        var done = new HashSet<Guid>();
        return steps.Select(s => Search(s.CourseId, requires, [], done)).FirstOrDefault(c => c is not null);
    }

    /// <summary>The first course in order that is not completed and whose required courses are.</summary>
    public static Guid? Next(IReadOnlyList<PathStep> steps, IReadOnlySet<Guid> completed)
        => steps.Where(s => !completed.Contains(s.CourseId) && s.Requires.All(completed.Contains))
            .Select(s => (Guid?)s.CourseId)
            .FirstOrDefault();

    /// <summary>Depth first: coming back to a course that is on the way means a cycle. A path has at most 50 courses, so recursion stays shallow.</summary>
    static List<Guid>? Search(Guid course, Dictionary<Guid, IReadOnlyList<Guid>> requires, List<Guid> way, HashSet<Guid> done)
    {
        if (way.IndexOf(course) is var at and >= 0)
            return [.. way[at..], course];
        if (done.Contains(course) || !requires.TryGetValue(course, out var next))
            return null;

        way.Add(course);
        foreach (var required in next)
        {
            if (Search(required, requires, way, done) is { } cycle)
                return cycle;
        }

        way.RemoveAt(way.Count - 1);
        done.Add(course);
        return null;
    }
}
