using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class ResolveExceptionHandler : IHandleMessages<ResolveException>
{
    public async Task Handle(ResolveException command, IMessageHandlerContext context)
    {
        if (!command.By.May("payments.support"))
        {
            await context.Refuse(RefusalKind.Forbidden, "exception.not_permitted", "Only support resolves exceptions.");
            return;
        }

        var resolved = await context.Db.ExecuteAsync(
            """
            UPDATE payments.exception
            SET resolution = @Resolution, resolved_by = @by, resolved_at = @Now
            WHERE exception_id = @ExceptionId AND resolution IS NULL
            """, new { command.ExceptionId, command.Resolution, by = command.By.Id, context.Now });
        if (resolved == 0)
        {
            await (await context.Db.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM payments.exception WHERE exception_id = @ExceptionId)", new { command.ExceptionId })
                ? context.Refuse(RefusalKind.Conflict, "exception.resolved", "Somebody has resolved it already.")
                : context.Refuse(RefusalKind.NotFound, "exception.not_found", "There is no such exception."));
            return;
        }

        await context.Reply(new Done(command.ExceptionId));
    }
}
