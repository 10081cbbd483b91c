using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class GetAttempt
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/attempts/{attemptId:guid}", Handle);

    static async Task<IResult> Handle(Guid attemptId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var attempt = await connection.QuerySingleOrDefaultAsync<Attempt>(
            """
            SELECT a.attempt_id,
                   e.course_id,
                   a.lesson_id,
                   a.number,
                   a.seed,
                   a.started_at,
                   a.deadline,
                   a.closed_at,
                   a.timed_out,
                   a.answers::text AS answers,
                   a.points,
                   a.max_points,
                   a.passed,
                   a.grades::text AS grades,
                   r.content::text AS content,
                   others.used,
                   others.passed_any
            FROM learning.quiz_attempt a
            JOIN learning.enrolment e ON e.enrolment_id = a.enrolment_id
            JOIN learning.lesson_revision r ON r.lesson_id = a.lesson_id AND r.revision = a.revision
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS used, COALESCE(bool_or(o.passed), false) AS passed_any
                FROM learning.quiz_attempt o
                WHERE o.enrolment_id = a.enrolment_id AND o.lesson_id = a.lesson_id
            ) AS others
            WHERE a.attempt_id = @attemptId AND e.student_id = @StudentId
            """,
            new { attemptId, StudentId = http.Actor().Id });
        return attempt is null
            ? InternalApi.Refuse(RefusalKind.NotFound, "attempt.not_found", "You have no such attempt.")
            : TypedResults.Ok(View(attempt));
    }

    static AttemptView View(Attempt a)
    {
        var quiz = StoredJson.Read<LessonContent>(a.Content).Quiz!;
        var answers = StoredJson.Read<IReadOnlyList<QuestionAnswer>>(a.Answers);
        var left = quiz.MaxAttempts is { } most ? Math.Max(0, most - a.Used) : (int?)null;
        return new AttemptView(
            a.AttemptId,
            a.CourseId,
            a.LessonId,
            a.Number,
            a.StartedAt.Utc(),
            a.Deadline.Utc(),
            a.ClosedAt.Utc(),
            a.TimedOut,
            quiz.PassPercent,
            a.Points,
            a.MaxPoints,
            a.Passed,
            left,
            AttemptSheet.Show(quiz, a.Seed),
            answers,
            a.Grades is null ? null : Results(a, quiz, answers, keysShown: a.PassedAny || left == 0));
    }

    static IReadOnlyList<AttemptResult> Results(Attempt a, QuizContent quiz, IReadOnlyList<QuestionAnswer> answers, bool keysShown)
    {
        var questions = quiz.Questions.ToDictionary(q => q.QuestionId);
        var given = answers.ToDictionary(g => g.QuestionId);
        return [.. StoredJson.Read<IReadOnlyList<QuestionGrade>>(a.Grades!).Select(grade =>
        {
            var question = questions[grade.QuestionId];
            var chosen = given.GetValueOrDefault(grade.QuestionId)?.Choices ?? [];
            var shown = AttemptSheet.Presented(question, a.Seed);
            return new AttemptResult(
                grade.QuestionId,
                grade.Points,
                grade.MaxPoints,
                [.. shown.Where(c => chosen.Contains(c.Id, StringComparer.Ordinal) && c.Choice.Feedback is not null).Select(c => c.Choice.Feedback!)],
                keysShown ? AttemptSheet.Key(question, shown) : null,
                keysShown ? question.ExplanationHtml : null);
        })];
    }

    sealed record Attempt(
        Guid AttemptId,
        Guid CourseId,
        Guid LessonId,
        int Number,
        long Seed,
        DateTime StartedAt,
        DateTime? Deadline,
        DateTime? ClosedAt,
        bool TimedOut,
        string Answers,
        decimal? Points,
        decimal MaxPoints,
        bool? Passed,
        string? Grades,
        string Content,
        int Used,
        bool PassedAny);
}
