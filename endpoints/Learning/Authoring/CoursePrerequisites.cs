using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>The graph of what should be completed before what. It has no cycles.</summary>
static class CoursePrerequisites
{
    // Any number that no other advisory lock of this database uses.
    const long Lock = 0x50726572_65710001;

    /// <summary>Makes a draft's prerequisites known to the graph, next to those of the published version that still holds.</summary>
    /// <returns>False when the handler has been refused: one is unknown, or they lead back to the course itself.</returns>
    public static async Task<bool> Add(IMessageHandlerContext context, Actor by, Guid courseId, IReadOnlyList<Guid> prerequisites)
    {
        if (prerequisites.Count == 0)
            return true;

        var unknown = await context.Db.QueryFirstOrDefaultAsync<Guid?>(
            """
            SELECT wanted
            FROM unnest(@Prerequisites) AS wanted
            WHERE NOT EXISTS (
                SELECT 1
                FROM learning.course
                WHERE course_id = wanted AND (status = 'published' OR tutor_id = @ActorId)
            )
            LIMIT 1
            """,
            new { Prerequisites = prerequisites.ToArray(), ActorId = by.Id });
        if (unknown is { } id)
        {
            await context.Refuse(RefusalKind.Invalid, "course.prerequisite_unknown", $"There is no course {id} to be a prerequisite.", new Dictionary<string, string>(StringComparer.Ordinal) { ["prerequisites"] = $"{id} is unknown." });
            return false;
        }

        // One at a time: two courses that name each other in the same moment must not both pass.
        await context.Db.ExecuteAsync("SELECT pg_advisory_xact_lock(@Lock)", new { Lock });
        if (await FindCycle(context, courseId, prerequisites) is { } cycle)
        {
            await context.Refuse(RefusalKind.Invalid, "course.prerequisite_cycle", $"The prerequisites lead back to the course: {cycle}.", new Dictionary<string, string>(StringComparer.Ordinal) { ["prerequisites"] = cycle });
            return false;
        }

        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_prerequisite (course_id, prerequisite_id)
            SELECT @CourseId, unnest(@Prerequisites)
            ON CONFLICT DO NOTHING
            """,
            new { CourseId = courseId, Prerequisites = prerequisites.ToArray() });
        return true;
    }

    /// <summary>Forgets what neither of the course's versions asks for any more.</summary>
    public static Task Keep(IMessageHandlerContext context, Guid courseId, IEnumerable<Guid> prerequisites)
        => context.Db.ExecuteAsync(
            """
            DELETE FROM learning.course_prerequisite
            WHERE course_id = @CourseId AND prerequisite_id <> ALL (@Prerequisites)
            """,
            new { CourseId = courseId, Prerequisites = prerequisites.ToArray() });

    /// <summary>The first that new learners could not enrol in.</summary>
    public static Task<string?> FirstUnpublished(IMessageHandlerContext context, IReadOnlyList<Guid> prerequisites)
        => context.Db.QueryFirstOrDefaultAsync<string?>(
            """
            SELECT slug
            FROM learning.course
            WHERE course_id = ANY (@Prerequisites) AND status <> 'published'
            ORDER BY slug
            LIMIT 1
            """,
            new { Prerequisites = prerequisites.ToArray() });

    static async Task<string?> FindCycle(IMessageHandlerContext context, Guid courseId, IReadOnlyList<Guid> prerequisites)
    {
        // Each edge once: paths are too many to walk in a graph of many diamonds.
        var edges = await context.Db.QueryAsync<(Guid From, Guid To)>(
            """
            WITH RECURSIVE reached AS (
                SELECT @CourseId AS course_id, wanted AS prerequisite_id
                FROM unnest(@Prerequisites) AS wanted
                UNION
                SELECT edge.course_id, edge.prerequisite_id
                FROM reached
                JOIN learning.course_prerequisite AS edge ON edge.course_id = reached.prerequisite_id
                WHERE reached.prerequisite_id <> @CourseId
            )
            SELECT course_id, prerequisite_id
            FROM reached
            """,
            new { CourseId = courseId, Prerequisites = prerequisites.ToArray() });
        if (WayBack(courseId, edges.ToLookup(e => e.From, e => e.To)) is not { } way)
            return null;

        var slugs = await context.Db.QueryAsync<string>(
            """
            SELECT slug
            FROM unnest(@Way) WITH ORDINALITY AS step (course_id, place)
            JOIN learning.course USING (course_id)
            ORDER BY place
            """,
            new { Way = way.ToArray() });
        return string.Join(" > ", slugs);
    }

    /// <summary>The shortest way from a course over its prerequisites back to itself; null when there is none.</summary>
    public static IReadOnlyList<Guid>? WayBack(Guid course, ILookup<Guid, Guid> prerequisites)
    {
        var cameFrom = new Dictionary<Guid, Guid>();
        var next = new Queue<Guid>([course]);
        while (next.TryDequeue(out var at))
        {
            foreach (var prerequisite in prerequisites[at])
            {
                if (!cameFrom.TryAdd(prerequisite, at))
                    continue;
                if (prerequisite != course)
                {
                    next.Enqueue(prerequisite);
                    continue;
                }

                var way = new List<Guid> { course };
                do
                    way.Add(cameFrom[way[^1]]);
                while (way[^1] != course);
                way.Reverse();
                return way;
            }
        }

        return null;
    }
}
