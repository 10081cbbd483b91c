using System.Globalization;
using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>
/// What to study next, each with its reason. Every part looks at a bounded number of rows through an index: the caller's latest 50 enrolments,
/// of the latest 10 courses completed the latest 100 learners each, and the 500 courses with most learners.
/// </summary>
static class GetRecommendations
{
    const int MaxCourses = 20;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/me/recommendations", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var results = await connection.QueryMultipleAsync(
            Resume + NextOnPath + PrerequisitesCompleted + LearnersAlsoTook + Popular,
            new { StudentId = http.Actor().Id });
        var resume = (await results.ReadAsync<ResumeRow>()).AsList();
        var onPaths = (await results.ReadAsync<CourseRow>()).AsList();
        var unlocked = (await results.ReadAsync<CourseRow>()).AsList();
        var taken = (await results.ReadAsync<CourseRow>()).AsList();
        var popular = (await results.ReadAsync<CourseRow>()).AsList();

        // The strongest reason comes first, and a course is recommended once.
        var courses = onPaths.Select(r => View(r, "next_on_path", $"It comes next on the path “{r.BecauseTitle}” that you follow."))
            .Concat(unlocked.Select(r => View(r, "prerequisites_completed", $"You have completed what it builds on, last “{r.BecauseTitle}”.")))
            .Concat(taken.Select(r => View(r, "learners_also_took", $"{Learners(r.Weight)} of “{r.BecauseTitle}”, which you completed, also took it.")))
            .Concat(popular.Select(r => r.BecauseTitle.Length > 0
                ? View(r, "popular_in_subject", $"It is popular in {r.BecauseTitle}, which you study.")
                : View(r, "popular", "It is among the courses with most learners.")))
            .DistinctBy(c => c.CourseId)
            .Take(MaxCourses);
        return TypedResults.Ok(new Recommendations([.. resume.Select(View)], [.. courses]));
    }

    static LessonRecommendation View(ResumeRow r)
    {
        var percent = ProgressMath.Percent(r.LessonsCompleted, r.Lessons);
        return new LessonRecommendation(r.CourseId, r.CourseTitle, r.LessonId, r.LessonTitle, percent, "resume", string.Create(CultureInfo.InvariantCulture, $"You have completed {r.LessonsCompleted} of {r.Lessons} lessons of this course."));
    }

    static CourseRecommendation View(CourseRow r, string reason, string sentence)
        => new(r.CourseId, r.Slug, r.Title, reason, sentence, r.BecauseOf);

    static string Learners(long count) => count == 1 ? "A learner" : string.Create(CultureInfo.InvariantCulture, $"{count} learners");

    // The first open lesson at or behind the one visited last, else the first open one.
    const string Resume =
        """
        SELECT mine.course_id, v.details ->> 'title' AS course_title, next.lesson_id, next.title AS lesson_title, mine.lessons, mine.lessons_completed
        FROM (
            SELECT e.*
            FROM learning.enrolment e
            WHERE e.student_id = @StudentId
            ORDER BY e.enrolled_at DESC, e.enrolment_id DESC
            LIMIT 50
        ) AS mine
        JOIN learning.course_version v ON v.course_id = mine.course_id AND v.version = mine.version
        LEFT JOIN LATERAL (
            SELECT l.place, p.visited_at
            FROM learning.lesson_progress p
            JOIN learning.version_lesson l ON l.course_id = mine.course_id AND l.version = mine.version AND l.lesson_id = p.lesson_id
            WHERE p.enrolment_id = mine.enrolment_id
            ORDER BY p.visited_at DESC
            LIMIT 1
        ) AS last ON true
        CROSS JOIN LATERAL (
            SELECT l.lesson_id, l.title
            FROM learning.version_lesson l
            WHERE l.course_id = mine.course_id
              AND l.version = mine.version
              AND NOT EXISTS (
                  SELECT 1
                  FROM learning.lesson_progress p
                  WHERE p.enrolment_id = mine.enrolment_id AND p.lesson_id = l.lesson_id AND p.completed_at IS NOT NULL
              )
            ORDER BY l.place < COALESCE(last.place, 0), l.place
            LIMIT 1
        ) AS next
        ORDER BY COALESCE(last.visited_at, mine.enrolled_at) DESC
        LIMIT 10;

        """;

    const string NextOnPath =
        """
        SELECT DISTINCT ON (f.followed_at, f.path_id) c.course_id, c.slug, v.details ->> 'title' AS title, p.path_id AS because_of, p.title AS because_title, 0::bigint AS weight
        FROM (
            SELECT path_id, followed_at
            FROM learning.path_follower
            WHERE student_id = @StudentId
            ORDER BY followed_at DESC, path_id DESC
            LIMIT 10
        ) AS f
        JOIN learning.path p ON p.path_id = f.path_id
        JOIN learning.path_step s ON s.path_id = p.path_id
        JOIN learning.course c ON c.course_id = s.course_id AND c.status = 'published'
        JOIN learning.course_version v ON v.course_id = c.course_id AND v.version = c.published_version
        WHERE NOT EXISTS (SELECT 1 FROM learning.enrolment e WHERE e.course_id = s.course_id AND e.student_id = @StudentId)
          AND NOT EXISTS (
              SELECT 1
              FROM unnest(s.requires) AS required
              WHERE NOT EXISTS (
                  SELECT 1
                  FROM learning.enrolment e
                  WHERE e.course_id = required AND e.student_id = @StudentId AND e.completed_at IS NOT NULL
              )
          )
        ORDER BY f.followed_at DESC, f.path_id, s.place;

        """;

    const string PrerequisitesCompleted =
        """
        SELECT DISTINCT ON (c.course_id) c.course_id, c.slug, v.details ->> 'title' AS title, mine.course_id AS because_of, mv.details ->> 'title' AS because_title, 0::bigint AS weight
        FROM (
            SELECT course_id, version, completed_at
            FROM learning.enrolment
            WHERE student_id = @StudentId AND completed_at IS NOT NULL
            ORDER BY enrolled_at DESC, enrolment_id DESC
            LIMIT 50
        ) AS mine
        JOIN learning.course_version mv ON mv.course_id = mine.course_id AND mv.version = mine.version
        CROSS JOIN LATERAL (
            SELECT r.course_id
            FROM learning.course_prerequisite r
            WHERE r.prerequisite_id = mine.course_id
            ORDER BY r.course_id
            LIMIT 20
        ) AS r
        JOIN learning.course c ON c.course_id = r.course_id AND c.status = 'published'
        JOIN learning.course_version v ON v.course_id = c.course_id AND v.version = c.published_version
        WHERE NOT EXISTS (SELECT 1 FROM learning.enrolment e WHERE e.course_id = c.course_id AND e.student_id = @StudentId)
          AND v.details -> 'prerequisites' @> to_jsonb(mine.course_id::text)
          AND NOT EXISTS (
              SELECT 1
              FROM jsonb_array_elements_text(v.details -> 'prerequisites') AS other
              WHERE NOT EXISTS (
                  SELECT 1
                  FROM learning.enrolment e
                  WHERE e.course_id = other::uuid AND e.student_id = @StudentId AND e.completed_at IS NOT NULL
              )
          )
        ORDER BY c.course_id, mine.completed_at DESC
        LIMIT 20;

        """;

    const string LearnersAlsoTook =
        """
        SELECT c.course_id, c.slug, v.details ->> 'title' AS title, best.because_of, bv.details ->> 'title' AS because_title, best.weight
        FROM (
            SELECT *
            FROM (
                SELECT DISTINCT ON (other.course_id) other.course_id, mine.course_id AS because_of, mine.version AS because_version, count(*) AS weight
                FROM (
                    SELECT course_id, version
                    FROM learning.enrolment
                    WHERE student_id = @StudentId AND completed_at IS NOT NULL
                    ORDER BY enrolled_at DESC, enrolment_id DESC
                    LIMIT 10
                ) AS mine
                CROSS JOIN LATERAL (
                    SELECT student_id
                    FROM learning.enrolment
                    WHERE course_id = mine.course_id AND student_id <> @StudentId
                    ORDER BY enrolled_at DESC
                    LIMIT 100
                ) AS peer
                CROSS JOIN LATERAL (
                    SELECT course_id
                    FROM learning.enrolment
                    WHERE student_id = peer.student_id AND course_id <> mine.course_id
                    ORDER BY enrolled_at DESC, enrolment_id DESC
                    LIMIT 20
                ) AS other
                GROUP BY other.course_id, mine.course_id, mine.version
                ORDER BY other.course_id, count(*) DESC
            ) AS counted
            ORDER BY weight DESC, course_id
            LIMIT 100
        ) AS best
        JOIN learning.course c ON c.course_id = best.course_id AND c.status = 'published'
        JOIN learning.course_version v ON v.course_id = c.course_id AND v.version = c.published_version
        JOIN learning.course_version bv ON bv.course_id = best.because_of AND bv.version = best.because_version
        WHERE NOT EXISTS (SELECT 1 FROM learning.enrolment e WHERE e.course_id = c.course_id AND e.student_id = @StudentId)
        ORDER BY best.weight DESC, c.course_id
        LIMIT 20;

        """;

    // Among the 500 courses with most learners: those of a subject that the caller studies, of the same level first. Who studies nothing yet
    // is shown the most popular ones.
    const string Popular =
        """
        WITH mine AS (
            SELECT v.details
            FROM (
                SELECT course_id, version
                FROM learning.enrolment
                WHERE student_id = @StudentId
                ORDER BY enrolled_at DESC, enrolment_id DESC
                LIMIT 20
            ) AS e
            JOIN learning.course_version v ON v.course_id = e.course_id AND v.version = e.version
        ), subjects AS (
            SELECT DISTINCT subject
            FROM mine
            CROSS JOIN LATERAL jsonb_array_elements_text(mine.details -> 'subjects') AS subject
        )
        SELECT c.course_id, c.slug, v.details ->> 'title' AS title, NULL::uuid AS because_of, COALESCE(shared.subject, '') AS because_title, most.learners::bigint AS weight
        FROM (
            SELECT course_id, learners
            FROM learning.course_learners
            WHERE learners > 0
            ORDER BY learners DESC, course_id DESC
            LIMIT 500
        ) AS most
        JOIN learning.course c ON c.course_id = most.course_id AND c.status = 'published'
        JOIN learning.course_version v ON v.course_id = c.course_id AND v.version = c.published_version
        CROSS JOIN LATERAL (
            SELECT min(subject) AS subject
            FROM jsonb_array_elements_text(v.details -> 'subjects') AS subject
            WHERE subject IN (SELECT s.subject FROM subjects s)
        ) AS shared
        WHERE (shared.subject IS NOT NULL OR NOT EXISTS (SELECT 1 FROM subjects))
          AND NOT EXISTS (SELECT 1 FROM learning.enrolment e WHERE e.course_id = c.course_id AND e.student_id = @StudentId)
        ORDER BY EXISTS (SELECT 1 FROM mine WHERE mine.details ->> 'level' = v.details ->> 'level') DESC, most.learners DESC, c.course_id DESC
        LIMIT 20;
        """;

    sealed record ResumeRow(Guid CourseId, string CourseTitle, Guid LessonId, string LessonTitle, int Lessons, int LessonsCompleted);

    sealed record CourseRow(Guid CourseId, string Slug, string Title, Guid? BecauseOf, string BecauseTitle, long Weight);
}
