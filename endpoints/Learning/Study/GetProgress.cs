using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class GetProgress
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/courses/{courseId:guid}/progress", Handle);

    static async Task<IResult> Handle(Guid courseId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var results = await connection.QueryMultipleAsync(
            """
            SELECT e.enrolment_id,
                   e.version,
                   COALESCE(c.published_version, e.version) AS latest_version,
                   e.lessons,
                   e.lessons_completed,
                   e.enrolled_at,
                   e.completed_at,
                   t.certificate_id
            FROM learning.enrolment e
            JOIN learning.course c ON c.course_id = e.course_id
            LEFT JOIN learning.certificate t ON t.enrolment_id = e.enrolment_id
            WHERE e.course_id = @courseId AND e.student_id = @StudentId;

            SELECT COALESCE(l.lesson_id, p.lesson_id) AS lesson_id,
                   l.place,
                   l.title,
                   l.kind,
                   p.completed_at,
                   p.visited_at,
                   p.position_seconds,
                   best.points AS best_points,
                   best.max_points
            FROM (
                SELECT l.*
                FROM learning.enrolment e
                JOIN learning.version_lesson l ON l.course_id = e.course_id AND l.version = e.version
                WHERE e.course_id = @courseId AND e.student_id = @StudentId
            ) AS l
            FULL JOIN (
                SELECT p.*
                FROM learning.enrolment e
                JOIN learning.lesson_progress p ON p.enrolment_id = e.enrolment_id
                WHERE e.course_id = @courseId AND e.student_id = @StudentId
            ) AS p ON p.lesson_id = l.lesson_id
            LEFT JOIN (
                SELECT DISTINCT ON (a.lesson_id) a.lesson_id, a.points, a.max_points
                FROM learning.enrolment e
                JOIN learning.quiz_attempt a ON a.enrolment_id = e.enrolment_id
                WHERE e.course_id = @courseId AND e.student_id = @StudentId AND a.closed_at IS NOT NULL
                ORDER BY a.lesson_id, a.passed DESC, a.points / NULLIF(a.max_points, 0) DESC
            ) AS best ON best.lesson_id = COALESCE(l.lesson_id, p.lesson_id)
            WHERE l.lesson_id IS NOT NULL OR p.completed_at IS NOT NULL
            ORDER BY l.place NULLS LAST, p.completed_at;

            SELECT prerequisite::uuid
            FROM learning.enrolment mine
            JOIN learning.course_version v ON v.course_id = mine.course_id AND v.version = mine.version
            CROSS JOIN LATERAL jsonb_array_elements_text(v.details -> 'prerequisites') AS prerequisite
            LEFT JOIN learning.enrolment e ON e.course_id = prerequisite::uuid AND e.student_id = @StudentId
            WHERE mine.course_id = @courseId AND mine.student_id = @StudentId AND e.completed_at IS NULL
            LIMIT 20;
            """,
            new { courseId, StudentId = http.Actor().Id });
        var enrolment = await results.ReadSingleOrDefaultAsync<Enrolment>();
        if (enrolment is null)
            return InternalApi.Refuse(RefusalKind.NotFound, "enrolment.not_found", "You are not enrolled in this course.");

        var lessons = (await results.ReadAsync<Lesson>()).AsList();
        var missingPrerequisites = (await results.ReadAsync<Guid>()).AsList();
        var open = lessons.Where(l => l.Place is not null && l.CompletedAt is null).ToList();
        return TypedResults.Ok(new ProgressView(
            enrolment.EnrolmentId,
            courseId,
            enrolment.Version,
            enrolment.LatestVersion,
            ProgressMath.Percent(enrolment.LessonsCompleted, enrolment.Lessons),
            enrolment.LessonsCompleted,
            enrolment.Lessons,
            ProgressMath.Explain(enrolment.LessonsCompleted, enrolment.Lessons, lessons.Count(l => l.Place is null), [.. open.Select(l => l.Title!)]),
            Next(lessons, open)?.LessonId,
            enrolment.EnrolledAt.Utc(),
            enrolment.CompletedAt.Utc(),
            enrolment.CertificateId,
            missingPrerequisites,
            [.. lessons.Select(View)]));
    }

    /// <summary>The first open lesson at or behind the one visited last; behind the end it goes on at the start.</summary>
    static Lesson? Next(List<Lesson> lessons, List<Lesson> open)
    {
        var last = lessons.Where(l => l.Place is not null && l.VisitedAt is not null).MaxBy(l => l.VisitedAt)?.Place ?? 0;
        return open.Find(l => l.Place >= last) ?? open.FirstOrDefault();
    }

    static LessonProgressView View(Lesson l)
        => new(
            l.LessonId,
            l.Title,
            l.Kind,
            l.CompletedAt.Utc(),
            l.PositionSeconds,
            l.BestPoints,
            l.MaxPoints,
            l.CompletedAt is null ? ProgressMath.Missing(l.Kind!.Value, l.BestPoints is not null) : null);

    sealed record Enrolment(
        Guid EnrolmentId,
        int Version,
        int LatestVersion,
        int Lessons,
        int LessonsCompleted,
        DateTime EnrolledAt,
        DateTime? CompletedAt,
        Guid? CertificateId);

    sealed record Lesson(
        Guid LessonId,
        int? Place,
        string? Title,
        LessonKind? Kind,
        DateTime? CompletedAt,
        DateTime? VisitedAt,
        int? PositionSeconds,
        decimal? BestPoints,
        decimal? MaxPoints);
}
