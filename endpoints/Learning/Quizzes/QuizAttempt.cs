using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>An attempt at a quiz: how it is loaded under lock and how it ends, by hand or by its deadline.</summary>
sealed record QuizAttempt(
    Guid AttemptId,
    Guid CourseId,
    Guid StudentId,
    Guid LessonId,
    long Seed,
    DateTime? Deadline,
    DateTime? ClosedAt,
    string SavedAnswers,
    string Content)
{
    /// <summary>What is granted beyond the deadline for the way to us.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public QuizContent Quiz { get; } = StoredJson.Read<LessonContent>(Content).Quiz
        ?? throw new UnrecoverableException($"Attempt {AttemptId} is at a lesson without questions. It was started on a quiz; somebody changed the stored revision.");

    public IReadOnlyList<QuestionAnswer> Saved { get; } = StoredJson.Read<IReadOnlyList<QuestionAnswer>>(SavedAnswers);

    public static bool IsOver(DateTime? deadline, DateTimeOffset now) => deadline is { } end && now > new DateTimeOffset(end, TimeSpan.Zero) + Grace;

    /// <summary>Loads an attempt with its enrolment locked; null when it is not this learner's.</summary>
    public static async Task<QuizAttempt?> Load(IMessageHandlerContext context, Guid attemptId, Guid studentId)
    {
        await using var results = await context.Db.QueryMultipleAsync(
            """
            SELECT e.enrolment_id
            FROM learning.enrolment_record e
            WHERE e.enrolment_id = (SELECT a.enrolment_id FROM learning.quiz_attempt a WHERE a.attempt_id = @attemptId)
            FOR UPDATE;

            SELECT a.attempt_id AS AttemptId,
                   e.course_id AS CourseId,
                   e.student_id AS StudentId,
                   a.lesson_id AS LessonId,
                   a.seed AS Seed,
                   a.deadline AS Deadline,
                   a.closed_at AS ClosedAt,
                   a.answers::text AS SavedAnswers,
                   r.content::text AS Content
            FROM learning.quiz_attempt a
            JOIN learning.enrolment e ON e.enrolment_id = a.enrolment_id
            JOIN learning.lesson_revision r ON r.lesson_id = a.lesson_id AND r.revision = a.revision
            WHERE a.attempt_id = @attemptId AND e.student_id = @studentId;
            """,
            new { attemptId, studentId });
        await results.ReadAsync<Guid>();
        return await results.ReadSingleOrDefaultAsync<QuizAttempt>();
    }

    /// <summary>Grades what was saved, if nobody has closed the attempt before.</summary>
    public static async Task CloseExpired(IMessageHandlerContext context, IssuerKeys keys, Guid attemptId, Guid studentId)
    {
        if (await Load(context, attemptId, studentId) is { ClosedAt: null } attempt)
            await attempt.Close(context, keys, attempt.Saved, timedOut: true, nameof(CloseExpiredAttempt));
    }

    /// <summary>Grades the answers and ends the attempt. Passing completes the lesson.</summary>
    public async Task Close(IMessageHandlerContext context, IssuerKeys keys, IReadOnlyList<QuestionAnswer> answers, bool timedOut, string what)
    {
        var grade = Grader.Grade(Quiz, AttemptSheet.Translate(Quiz, Seed, answers));
        await context.Db.ExecuteAsync(
            """
            WITH closed AS (
                UPDATE learning.quiz_attempt
                SET answers = @answers::jsonb,
                    closed_at = @Now,
                    timed_out = @timedOut,
                    points = @Points,
                    passed = @Passed,
                    grades = @grades::jsonb
                WHERE attempt_id = @AttemptId AND closed_at IS NULL
                RETURNING attempt_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT attempt_id, @StudentId, @what, @MessageId, @Now
            FROM closed
            """,
            new
            {
                AttemptId,
                StudentId,
                answers = StoredJson.Write(answers),
                timedOut,
                grade.Points,
                grade.Passed,
                grades = StoredJson.Write(grade.Questions),
                what,
                context.Now,
                context.MessageId,
            });
        await context.Publish(new QuizGraded(AttemptId, CourseId, LessonId, StudentId, grade.Points, grade.MaxPoints, grade.Passed, context.Now));

        if (grade.Passed)
            await LessonCompletion.Complete(context, keys, CourseId, StudentId, LessonId, quizPassed: true, what);
    }
}
