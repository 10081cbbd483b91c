using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class SubmitQuizHandler(IssuerKeys keys) : IHandleMessages<SubmitQuiz>
{
    public async Task Handle(SubmitQuiz command, IMessageHandlerContext context)
    {
        var attempt = await QuizAttempt.Load(context, command.AttemptId, command.By.Id);
        if (attempt is null)
        {
            await context.Refuse(RefusalKind.NotFound, "attempt.not_found", "You have no such attempt.");
            return;
        }

        if (await AttemptRefusal.For(attempt, command.Answers, context))
            return;

        var answered = command.Answers.Select(a => a.QuestionId).ToHashSet();
        await attempt.Close(
            context,
            keys,
            [.. command.Answers, .. attempt.Saved.Where(a => !answered.Contains(a.QuestionId))],
            timedOut: false,
            nameof(SubmitQuiz));
        await context.Reply(new Done(command.AttemptId));
    }
}
