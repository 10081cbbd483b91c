using System.Text.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;

namespace EdTech.Users;

static class AuditTrail
{
    /// <summary>Adds a line to the account's history, in the transaction of what it tells of.</summary>
    /// <param name="context">Of the message or request at hand.</param>
    /// <param name="accountId">Whose history.</param>
    /// <param name="by">Who did it; null or empty for somebody not signed in.</param>
    /// <param name="action"><c>thing.happened</c>.</param>
    /// <param name="details">Never a secret, a name or an address.</param>
    public static Task Record(this IMessageHandlerContext context, Guid accountId, Guid? by, string action, params ReadOnlySpan<(string Name, string Value)> details)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in details)
        {
            map[name] = value;
        }

        return context.Db.ExecuteAsync(
            """
            INSERT INTO users.audit (account_id, actor_id, action, occurred_at, correlation_id, details)
            VALUES (@accountId, @actorId, @action, @Now, @MessageId, @details::jsonb)
            """,
            new { accountId, actorId = by == Guid.Empty ? null : by, action, context.Now, context.MessageId, details = JsonSerializer.Serialize(map) });
    }

    /// <summary>As above, when a command did it.</summary>
    public static Task Record(this IMessageHandlerContext context, Guid accountId, Actor by, string action, params ReadOnlySpan<(string Name, string Value)> details)
        => context.Record(accountId, by.Id, action, details);
}
