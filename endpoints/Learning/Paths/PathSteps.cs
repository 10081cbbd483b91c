using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>What a path's steps have to fulfil, and how they are stored: the same for drafting and for changing.</summary>
static class PathSteps
{
    /// <summary>Refuses where there is a reason to, and tells whether it has.</summary>
    public static async Task<bool> Refused(IReadOnlyList<PathStep> steps, IMessageHandlerContext context)
    {
        var courses = steps.Select(s => s.CourseId).ToHashSet();
        if (courses.Count != steps.Count)
        {
            await context.Refuse(RefusalKind.Invalid, "path.course_twice", "A path takes each course once.");
            return true;
        }

        if (steps.SelectMany(s => s.Requires).FirstOrDefault(r => !courses.Contains(r)) is var outside && outside != Guid.Empty)
        {
            await context.Refuse(RefusalKind.Invalid, "path.required_course_not_on_path", $"Course {outside} is required but not on the path.");
            return true;
        }

        if (PathGraph.Cycle(steps) is { } cycle)
        {
            var details = new Dictionary<string, string>(StringComparer.Ordinal) { ["cycle"] = string.Join(" -> ", cycle) };
            await context.Refuse(RefusalKind.Invalid, "path.cycle", "The courses require each other in a circle, so that nobody could begin: each of those named requires the next.", details);
            return true;
        }

        // Drafts of others are not told from courses that do not exist.
        var unknown = (await context.Db.QueryAsync<Guid>(
            """
            SELECT wanted
            FROM unnest(@courses) AS wanted
            WHERE NOT EXISTS (SELECT 1 FROM learning.course c WHERE c.course_id = wanted AND c.status <> 'draft')
            """,
            new { courses = courses.ToArray() })).AsList();
        if (unknown.Count > 0)
        {
            await context.Refuse(RefusalKind.Invalid, "path.course_not_published", "A path is made of published courses.",
                unknown.Select((c, i) => (c, i)).ToDictionary(u => "course" + (u.i + 1).ToString(CultureInfo.InvariantCulture), u => u.c.ToString(), StringComparer.Ordinal));
            return true;
        }

        return false;
    }

    /// <summary>Replaces the path's steps. The path's row is locked by the statement before.</summary>
    public static Task Store(Guid pathId, IReadOnlyList<PathStep> steps, IMessageHandlerContext context)
        => context.Db.ExecuteAsync(
            """
            DELETE FROM learning.path_step WHERE path_id = @pathId;

            INSERT INTO learning.path_step (path_id, course_id, place, requires)
            SELECT @pathId,
                   (step ->> 'courseId')::uuid,
                   place,
                   ARRAY(SELECT required::uuid FROM jsonb_array_elements_text(step -> 'requires') AS required)
            FROM jsonb_array_elements(@steps::jsonb) WITH ORDINALITY AS s (step, place);
            """,
            new { pathId, steps = StoredJson.Write(steps) });
}
