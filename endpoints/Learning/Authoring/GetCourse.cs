using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>A course by id or by slug: the published version for everybody, the draft (<c>?version=draft</c>) for its owner and moderators.</summary>
static class GetCourse
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/learning/courses/{courseId:guid}", (Guid courseId, string? version, HttpContext http, NpgsqlDataSource db, CancellationToken ct) => Handle(courseId, null, version, http, db, ct));
        app.MapGet("/internal/learning/courses/by-slug/{slug}", (string slug, string? version, HttpContext http, NpgsqlDataSource db, CancellationToken ct) => Handle(null, slug, version, http, db, ct));
    }

    static async Task<IResult> Handle(Guid? courseId, string? slug, string? version, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        // No slug has a NUL, and the database takes none.
        if (slug is not null && slug.Contains('\0', StringComparison.Ordinal))
            return Unknown();

        var actor = http.Actor();
        await using var connection = await db.OpenConnectionAsync(ct);

        // An archived course stays readable for those who are enrolled: their certificates and lists point at it.
        var course = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT course.course_id, course.slug, course.tutor_id, course.status, shown.version, shown.published_at, insider.is_insider,
                   CASE WHEN insider.is_insider THEN course.edit ELSE shown.edit END AS edit,
                   shown.details::text AS details, shown.outline::text AS outline,
                   coalesce(learners.learners, 0) AS learners,
                   insider.is_insider AND course.draft_version IS NOT NULL AS has_draft
            FROM learning.course
            CROSS JOIN LATERAL (SELECT course.tutor_id = @ActorId OR @Moderator AS is_insider) AS insider
            JOIN learning.course_version AS shown
              ON shown.course_id = course.course_id
             AND shown.version = CASE WHEN insider.is_insider AND (@Draft OR course.published_version IS NULL)
                                      THEN coalesce(course.draft_version, course.published_version)
                                      ELSE course.published_version END
            LEFT JOIN learning.course_learners AS learners ON learners.course_id = course.course_id
            WHERE (course.course_id = @CourseId OR course.slug = @Slug)
              AND (insider.is_insider
                   OR course.status = 'published'
                   OR EXISTS (SELECT 1 FROM learning.enrolment WHERE enrolment.course_id = course.course_id AND enrolment.student_id = @ActorId))
            """,
            new { CourseId = courseId, Slug = slug, ActorId = actor.Id, Moderator = actor.May("courses.moderate"), Draft = version is "draft" });
        if (course is null)
            return Unknown();

        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{course.Edit}\"");
        var outline = StoredJson.Read<IReadOnlyList<OutlineSection>>(course.Outline);
        return TypedResults.Ok(new CourseView(
            course.CourseId,
            course.Slug,
            course.TutorId,
            Enum.Parse<CourseStatus>(course.Status, ignoreCase: true),
            course.Version,
            course.PublishedAt is null,
            course.Edit,
            StoredJson.Read<CourseDetails>(course.Details),
            outline,
            outline.Sum(s => s.Lessons.Count),
            outline.Sum(s => s.Lessons.Sum(l => l.Minutes ?? 0)),
            course.Learners,
            course.PublishedAt.Utc(),
            course.HasDraft));
    }

    static IResult Unknown() => InternalApi.Refuse(RefusalKind.NotFound, "course.unknown", "There is no such course.");

    sealed record Row(
        Guid CourseId,
        string Slug,
        Guid TutorId,
        string Status,
        int Version,
        DateTime? PublishedAt,
        bool IsInsider,
        long Edit,
        string Details,
        string Outline,
        int Learners,
        bool HasDraft);
}
