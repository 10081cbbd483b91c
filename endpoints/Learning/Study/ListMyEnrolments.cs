using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class ListMyEnrolments
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/me/enrolments", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            """
            SELECT e.enrolment_id,
                   e.course_id,
                   c.slug,
                   v.details ->> 'title' AS title,
                   e.version,
                   COALESCE(c.published_version, e.version) AS latest_version,
                   e.lessons,
                   e.lessons_completed,
                   e.enrolled_at,
                   e.completed_at,
                   t.certificate_id
            FROM learning.enrolment e
            JOIN learning.course c ON c.course_id = e.course_id
            JOIN learning.course_version v ON v.course_id = e.course_id AND v.version = e.version
            LEFT JOIN learning.certificate t ON t.enrolment_id = e.enrolment_id
            WHERE e.student_id = @StudentId
              AND (@Before::timestamptz IS NULL OR (e.enrolled_at, e.enrolment_id) < (@Before, @BeforeId))
            ORDER BY e.enrolled_at DESC, e.enrolment_id DESC
            LIMIT @Fetch
            """,
            new { StudentId = http.Actor().Id, place.Before, place.BeforeId, place.Fetch })).AsList();
        return TypedResults.Ok(place.Page(rows, View, r => (r.EnrolledAt, r.EnrolmentId)));
    }

    static EnrolmentView View(Row r)
        => new(r.EnrolmentId, r.CourseId, r.Slug, r.Title, r.Version, r.LatestVersion, ProgressMath.Percent(r.LessonsCompleted, r.Lessons), r.EnrolledAt.Utc(), r.CompletedAt.Utc(), r.CertificateId);

    sealed record Row(
        Guid EnrolmentId,
        Guid CourseId,
        string Slug,
        string Title,
        int Version,
        int LatestVersion,
        int Lessons,
        int LessonsCompleted,
        DateTime EnrolledAt,
        DateTime? CompletedAt,
        Guid? CertificateId);
}
