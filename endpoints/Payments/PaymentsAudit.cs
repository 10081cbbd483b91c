using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;

namespace EdTech.Payments;

static class PaymentsAudit
{
    /// <summary>Notes who changed what and by which message, besides purchases, whose events say it.</summary>
    public static Task Audit(this IMessageHandlerContext context, Guid subjectId, Actor by, string what, params (string Name, string Value)[] details)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.audit (subject_id, actor_id, what, details, message_id, occurred_at)
            VALUES (@subjectId, @actor, @what, jsonb_object(@names, @values), @MessageId, @Now)
            """,
            new { subjectId, actor = by.Id, what, names = details.Select(d => d.Name).ToArray(), values = details.Select(d => d.Value).ToArray(), context.MessageId, context.Now });
}
