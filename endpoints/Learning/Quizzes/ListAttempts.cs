using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class ListAttempts
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/courses/{courseId:guid}/lessons/{lessonId:guid}/attempts", Handle);

    static async Task<IResult> Handle(Guid courseId, Guid lessonId, HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            """
            SELECT a.attempt_id, a.number, a.started_at, a.closed_at, a.points, a.max_points, a.passed
            FROM learning.enrolment e
            JOIN learning.quiz_attempt a ON a.enrolment_id = e.enrolment_id AND a.lesson_id = @lessonId
            WHERE e.course_id = @courseId
              AND e.student_id = @StudentId
              AND (@Before::timestamptz IS NULL OR (a.started_at, a.attempt_id) < (@Before, @BeforeId))
            ORDER BY a.started_at DESC, a.attempt_id DESC
            LIMIT @Fetch
            """,
            new { courseId, lessonId, StudentId = http.Actor().Id, place.Before, place.BeforeId, place.Fetch })).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new AttemptSummary(r.AttemptId, r.Number, r.StartedAt.Utc(), r.ClosedAt.Utc(), r.Points, r.MaxPoints, r.Passed),
            r => (r.StartedAt, r.AttemptId)));
    }

    sealed record Row(Guid AttemptId, int Number, DateTime StartedAt, DateTime? ClosedAt, decimal? Points, decimal MaxPoints, bool? Passed);
}
