using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class CloseExpiredAttemptHandler(IssuerKeys keys) : IHandleMessages<CloseExpiredAttempt>
{
    public Task Handle(CloseExpiredAttempt message, IMessageHandlerContext context)
        => QuizAttempt.CloseExpired(context, keys, message.AttemptId, message.By.Id);
}
