using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>The caller's own courses, drafts included, newest first.</summary>
static class ListAuthoredCourses
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/authored-courses", Handle);

    static async Task<IResult> Handle(string? cursor, int? limit, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } page)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var courses = await connection.QueryAsync<Row>(
            """
            SELECT course.course_id, course.slug, newest.details ->> 'title' AS title, course.status, course.draft_version, course.published_version,
                   (SELECT count(*)::int FROM jsonb_path_query(newest.outline, '$[*].lessons[*]')) AS lessons,
                   coalesce(learners.learners, 0) AS learners, course.edit, course.created_at
            FROM learning.course
            JOIN learning.course_version AS newest
              ON newest.course_id = course.course_id AND newest.version = coalesce(course.draft_version, course.published_version)
            LEFT JOIN learning.course_learners AS learners ON learners.course_id = course.course_id
            WHERE course.tutor_id = @TutorId
              AND (@Before::timestamptz IS NULL OR (course.created_at, course.course_id) < (@Before, @BeforeId::uuid))
            ORDER BY course.created_at DESC, course.course_id DESC
            LIMIT @Fetch
            """,
            new { TutorId = http.Actor().Id, page.Before, page.BeforeId, page.Fetch });
        return TypedResults.Ok(page.Page(courses.AsList(), View, c => (c.CreatedAt, c.CourseId)));
    }

    static AuthoredCourse View(Row course)
        => new(course.CourseId, course.Slug, course.Title, Enum.Parse<CourseStatus>(course.Status, ignoreCase: true), course.DraftVersion, course.PublishedVersion, course.Lessons, course.Learners, course.Edit, course.CreatedAt.Utc());

    sealed record Row(
        Guid CourseId,
        string Slug,
        string Title,
        string Status,
        int? DraftVersion,
        int? PublishedVersion,
        int Lessons,
        int Learners,
        long Edit,
        DateTime CreatedAt);
}
