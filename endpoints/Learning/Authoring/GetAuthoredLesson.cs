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

/// <summary>A lesson of the newest version, with the keys of its questions: for the course's owner and moderators.</summary>
static class GetAuthoredLesson
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/courses/{courseId:guid}/lessons/{lessonId:guid}", Handle);

    static async Task<IResult> Handle(Guid courseId, Guid lessonId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        var actor = http.Actor();
        await using var connection = await db.OpenConnectionAsync(ct);
        var found = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT shown.version, course.edit, (section ->> 'sectionId')::uuid AS section_id, lesson::text AS lesson, revision.content::text AS content
            FROM learning.course
            JOIN learning.course_version AS shown
              ON shown.course_id = course.course_id AND shown.version = coalesce(course.draft_version, course.published_version)
            CROSS JOIN LATERAL jsonb_array_elements(shown.outline) AS section
            CROSS JOIN LATERAL jsonb_array_elements(section -> 'lessons') AS lesson
            JOIN learning.lesson_revision AS revision
              ON revision.lesson_id = (lesson ->> 'lessonId')::uuid AND revision.revision = (lesson ->> 'revision')::int
            WHERE course.course_id = @CourseId
              AND (course.tutor_id = @ActorId OR @Moderator)
              AND lesson ->> 'lessonId' = @LessonId
            """,
            new { CourseId = courseId, LessonId = lessonId.ToString(), ActorId = actor.Id, Moderator = actor.May("courses.moderate") });
        if (found is null)
            return InternalApi.Refuse(RefusalKind.NotFound, "lesson.unknown", "None of your courses has such a lesson.");

        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{found.Edit}\"");
        return TypedResults.Ok(new CourseLessonView(
            courseId, found.Version, found.SectionId, StoredJson.Read<OutlineLesson>(found.Lesson), StoredJson.Read<LessonContent>(found.Content), found.Edit));
    }

    sealed record Row(int Version, long Edit, Guid SectionId, string Lesson, string Content);
}
