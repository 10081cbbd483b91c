using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class GetPath
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/paths/{pathId:guid}", Handle);

    static async Task<IResult> Handle(Guid pathId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var results = await connection.QueryMultipleAsync(
            """
            SELECT p.author_id,
                   p.title,
                   p.summary,
                   p.edit,
                   p.published_at IS NOT NULL AS published,
                   EXISTS (SELECT 1 FROM learning.path_follower f WHERE f.path_id = p.path_id AND f.student_id = @ActorId) AS following
            FROM learning.path p
            WHERE p.path_id = @pathId AND (p.published_at IS NOT NULL OR p.author_id = @ActorId);

            SELECT s.course_id,
                   c.slug,
                   v.details ->> 'title' AS title,
                   s.requires,
                   e.enrolment_id IS NOT NULL AS enrolled,
                   COALESCE(e.lessons, 0) AS lessons,
                   COALESCE(e.lessons_completed, 0) AS lessons_completed,
                   e.completed_at IS NOT NULL AS completed
            FROM learning.path_step s
            JOIN learning.course c ON c.course_id = s.course_id
            JOIN learning.course_version v ON v.course_id = c.course_id AND v.version = c.published_version
            LEFT JOIN learning.enrolment e ON e.course_id = s.course_id AND e.student_id = @ActorId
            WHERE s.path_id = @pathId
            ORDER BY s.place;
            """,
            new { pathId, ActorId = http.Actor().Id });
        var path = await results.ReadSingleOrDefaultAsync<Row>();
        if (path is null)
            return InternalApi.Refuse(RefusalKind.NotFound, "path.not_found", "There is no such learning path.");

        var steps = (await results.ReadAsync<Step>()).AsList();
        http.Response.Headers.ETag = $"\"{path.Edit}\"";
        return TypedResults.Ok(View(pathId, path, steps));
    }

    static PathView View(Guid pathId, Row path, List<Step> steps)
    {
        var completed = steps.Where(s => s.Completed).Select(s => s.CourseId).ToHashSet();
        return new PathView(
            pathId,
            path.AuthorId,
            path.Title,
            path.Summary,
            path.Published ? "published" : "draft",
            path.Edit,
            path.Following,
            steps.Count == 0 ? 0 : steps.Sum(s => PercentOf(s)) / steps.Count,
            PathGraph.Next([.. steps.Select(s => new PathStep(s.CourseId, s.Required))], completed),
            [.. steps.Select(s => new PathStepView(
                s.CourseId,
                s.Slug,
                s.Title,
                s.Required,
                s.Enrolled,
                PercentOf(s),
                s.Completed,
                [.. s.Required.Where(r => !completed.Contains(r))]))]);
    }

    /// <summary>A course once completed stays so on the path, whatever was added to it since.</summary>
    static int PercentOf(Step step) => step.Completed ? 100 : ProgressMath.Percent(step.LessonsCompleted, step.Lessons);

    sealed record Row(Guid AuthorId, string Title, string Summary, long Edit, bool Published, bool Following);

    // Dapper knows of an array column only that it is an array.
    sealed record Step(Guid CourseId, string Slug, string Title, Array Requires, bool Enrolled, int Lessons, int LessonsCompleted, bool Completed)
    {
        public Guid[] Required => (Guid[])Requires;
    }
}
