using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class GetLesson
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/courses/{courseId:guid}/lessons/{lessonId:guid}/study", Handle);

    static async Task<IResult> Handle(Guid courseId, Guid lessonId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        // Learners see the version of their enrolment, others the published one, of which only previews are open to them.
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var results = await connection.QueryMultipleAsync(
            """
            WITH seen AS (
                SELECT c.course_id, e.enrolment_id, COALESCE(e.version, c.published_version) AS version
                FROM learning.course c
                LEFT JOIN learning.enrolment e ON e.course_id = c.course_id AND e.student_id = @StudentId
                WHERE c.course_id = @courseId AND (e.enrolment_id IS NOT NULL OR c.status = 'published')
            )
            SELECT seen.version,
                   seen.enrolment_id,
                   l.kind,
                   l.title,
                   l.minutes,
                   r.content::text AS content,
                   p.completed_at,
                   p.position_seconds,
                   (SELECT b.lesson_id FROM learning.version_lesson b WHERE b.course_id = l.course_id AND b.version = l.version AND b.place = l.place - 1) AS previous_lesson_id,
                   (SELECT n.lesson_id FROM learning.version_lesson n WHERE n.course_id = l.course_id AND n.version = l.version AND n.place = l.place + 1) AS next_lesson_id
            FROM seen
            JOIN learning.version_lesson l ON l.course_id = seen.course_id AND l.version = seen.version AND l.lesson_id = @lessonId
            JOIN learning.lesson_revision r ON r.lesson_id = l.lesson_id AND r.revision = l.revision
            LEFT JOIN learning.lesson_progress p ON p.enrolment_id = seen.enrolment_id AND p.lesson_id = l.lesson_id
            WHERE seen.enrolment_id IS NOT NULL OR l.preview;

            SELECT count(*)::int AS used,
                   (array_agg(a.attempt_id) FILTER (WHERE a.closed_at IS NULL))[1] AS open_attempt_id,
                   max(a.points) AS best_points,
                   COALESCE(bool_or(a.passed), false) AS passed
            FROM learning.enrolment e
            JOIN learning.quiz_attempt a ON a.enrolment_id = e.enrolment_id AND a.lesson_id = @lessonId
            WHERE e.course_id = @courseId AND e.student_id = @StudentId;
            """,
            new { courseId, lessonId, StudentId = http.Actor().Id });
        var lesson = await results.ReadSingleOrDefaultAsync<Lesson>();
        if (lesson is null)
            return InternalApi.Refuse(RefusalKind.NotFound, "lesson.not_found", "You are not enrolled in a course with this lesson.");

        var attempts = await results.ReadSingleAsync<Attempts>();
        var content = StoredJson.Read<LessonContent>(lesson.Content);
        return TypedResults.Ok(new LessonView(
            courseId,
            lesson.Version,
            lessonId,
            lesson.Kind,
            lesson.Title,
            lesson.Minutes,
            lesson.EnrolmentId is null,
            content.Html,
            content.Video,
            content.Quiz is { } quiz ? Summary(quiz, attempts) : null,
            content.Assignment,
            content.Live,
            lesson.CompletedAt.Utc(),
            lesson.PositionSeconds,
            lesson.PreviousLessonId,
            lesson.NextLessonId));
    }

    /// <summary>The questions stay unseen until an attempt is started: a time limit would mean nothing otherwise.</summary>
    static QuizSummary Summary(QuizContent quiz, Attempts attempts)
        => new(
            quiz.Questions.Count,
            quiz.Questions.Sum(q => q.Points),
            quiz.PassPercent,
            quiz.MaxAttempts,
            quiz.TimeLimitSeconds,
            attempts.Used,
            attempts.OpenAttemptId,
            attempts.BestPoints,
            attempts.Passed);

    sealed record Lesson(
        int Version,
        Guid? EnrolmentId,
        LessonKind Kind,
        string Title,
        int? Minutes,
        string Content,
        DateTime? CompletedAt,
        int? PositionSeconds,
        Guid? PreviousLessonId,
        Guid? NextLessonId);

    sealed record Attempts(int Used, Guid? OpenAttemptId, decimal? BestPoints, bool Passed);
}
