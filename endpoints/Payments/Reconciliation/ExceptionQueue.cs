using Dapper;
using EdTech.Hosting;

namespace EdTech.Payments;

static class ExceptionQueue
{
    /// <summary>Files something for a person to look at; the same kind and reference is the same entry, resolved or not.</summary>
    public static Task FileException(this IMessageHandlerContext context, string kind, string reference, string details)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.exception (exception_id, kind, reference, details, found_at)
            VALUES (@id, @kind, @reference, @details, @Now)
            ON CONFLICT ON CONSTRAINT exception_is_filed_once DO NOTHING
            """,
            new { id = Guid.CreateVersion7(context.Now), kind, reference, details, context.Now });
}
