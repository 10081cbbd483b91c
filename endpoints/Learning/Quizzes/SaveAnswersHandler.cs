using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class SaveAnswersHandler : IHandleMessages<SaveAnswers>
{
    public async Task Handle(SaveAnswers command, IMessageHandlerContext context)
    {
        var attempt = await QuizAttempt.Load(context, command.AttemptId, command.By.Id);
        if (attempt is null)
        {
            await context.Refuse(RefusalKind.NotFound, "attempt.not_found", "You have no such attempt.");
            return;
        }

        if (await AttemptRefusal.For(attempt, command.Answers, context))
            return;

        await context.Db.ExecuteAsync(
            """
            WITH saved AS (
                UPDATE learning.quiz_attempt
                SET answers = @answers::jsonb
                WHERE attempt_id = @AttemptId AND closed_at IS NULL
                RETURNING attempt_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT attempt_id, @ActorId, 'SaveAnswers', @MessageId, @Now
            FROM saved
            """,
            new
            {
                command.AttemptId,
                answers = StoredJson.Write(command.Answers),
                ActorId = command.By.Id,
                context.Now,
                context.MessageId,
            });
        await context.Reply(new Done(command.AttemptId));
    }
}
