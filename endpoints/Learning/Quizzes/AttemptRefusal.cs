using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>Why an attempt takes no answers: the same for saving and for handing in.</summary>
static class AttemptRefusal
{
    /// <summary>Refuses where there is a reason to, and tells whether it has.</summary>
    public static async Task<bool> For(QuizAttempt attempt, IReadOnlyList<QuestionAnswer> answers, IMessageHandlerContext context)
    {
        if (attempt.ClosedAt is not null)
        {
            await context.Refuse(RefusalKind.Conflict, "attempt.closed", "The attempt was handed in or ran out of time before.");
            return true;
        }

        if (QuizAttempt.IsOver(attempt.Deadline, context.Now))
        {
            await context.Refuse(RefusalKind.Conflict, "attempt.time_is_over", "The time is over; the answers that were saved before are graded.");
            return true;
        }

        var flaws = AttemptSheet.Flaws(attempt.Quiz, attempt.Seed, answers);
        if (flaws.Count == 0)
            return false;

        await context.Refuse(RefusalKind.Invalid, "attempt.answers_do_not_fit", "Some answers do not fit their questions.", flaws);
        return true;
    }
}
