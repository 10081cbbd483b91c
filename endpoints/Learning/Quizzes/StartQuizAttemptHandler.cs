using System.Security.Cryptography;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class StartQuizAttemptHandler(IssuerKeys keys) : IHandleMessages<StartQuizAttempt>
{
    public async Task Handle(StartQuizAttempt command, IMessageHandlerContext context)
    {
        var quiz = await Load(command, context);
        if (quiz is null)
        {
            await context.Refuse(RefusalKind.NotFound, "quiz.not_found", "You are not enrolled in a course with this quiz.");
            return;
        }

        if (quiz.OpenAttemptId is { } open)
        {
            // The message that closes it may still be on its way; a learner does not wait for that.
            if (!QuizAttempt.IsOver(quiz.OpenDeadline, context.Now))
            {
                await context.Reply(new Done(open));
                return;
            }

            await QuizAttempt.CloseExpired(context, keys, open, command.By.Id);
        }

        var content = StoredJson.Read<LessonContent>(quiz.Content).Quiz
            ?? throw new UnrecoverableException($"Lesson {command.LessonId} revision {quiz.Revision} is a quiz without questions. Publishing must not have let it pass; publish a corrected version.");
        if (content.MaxAttempts is { } most && quiz.Attempts >= most)
        {
            await context.Refuse(RefusalKind.Conflict, "quiz.no_attempts_left", $"All {most} attempts at this quiz are used.");
            return;
        }

        DateTimeOffset? deadline = content.TimeLimitSeconds is { } seconds ? context.Now.AddSeconds(seconds) : null;
        await context.Db.ExecuteAsync(
            """
            WITH started AS (
                INSERT INTO learning.quiz_attempt (attempt_id, enrolment_id, lesson_id, revision, number, seed, started_at, deadline, max_points)
                VALUES (@AttemptId, @EnrolmentId, @LessonId, @Revision, @Number, @Seed, @Now, @deadline, @MaxPoints)
                RETURNING attempt_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT attempt_id, @ActorId, 'StartQuizAttempt', @MessageId, @Now
            FROM started
            """,
            new
            {
                command.AttemptId,
                quiz.EnrolmentId,
                command.LessonId,
                quiz.Revision,
                Number = quiz.Attempts + 1,
                Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)),
                deadline,
                MaxPoints = content.Questions.Sum(q => q.Points),
                ActorId = command.By.Id,
                context.Now,
                context.MessageId,
            });
        if (deadline is { } end)
            await context.SendLocal(new CloseExpiredAttempt(command.By, command.AttemptId), new SendOptions(Delay: end + QuizAttempt.Grace + TimeSpan.FromSeconds(1) - context.Now));
        await context.Reply(new Done(command.AttemptId));
    }

    static async Task<Quiz?> Load(StartQuizAttempt command, IMessageHandlerContext context)
    {
        await using var results = await context.Db.QueryMultipleAsync(
            """
            SELECT enrolment_id
            FROM learning.enrolment_record
            WHERE course_id = @CourseId AND student_id = @StudentId
            FOR UPDATE;

            SELECT e.enrolment_id AS EnrolmentId,
                   l.revision AS Revision,
                   r.content::text AS Content,
                   open.attempt_id AS OpenAttemptId,
                   open.deadline AS OpenDeadline,
                   (SELECT count(*)::int FROM learning.quiz_attempt a WHERE a.enrolment_id = e.enrolment_id AND a.lesson_id = l.lesson_id) AS Attempts
            FROM learning.enrolment e
            JOIN learning.version_lesson l ON l.course_id = e.course_id AND l.version = e.version
            JOIN learning.lesson_revision r ON r.lesson_id = l.lesson_id AND r.revision = l.revision
            LEFT JOIN learning.quiz_attempt open ON open.enrolment_id = e.enrolment_id AND open.lesson_id = l.lesson_id AND open.closed_at IS NULL
            WHERE e.course_id = @CourseId AND e.student_id = @StudentId AND l.lesson_id = @LessonId AND l.kind = 'quiz';
            """,
            new { command.CourseId, StudentId = command.By.Id, command.LessonId });
        await results.ReadAsync<Guid>();
        return await results.ReadSingleOrDefaultAsync<Quiz>();
    }

    sealed record Quiz(Guid EnrolmentId, int Revision, string Content, Guid? OpenAttemptId, DateTime? OpenDeadline, int Attempts);
}
