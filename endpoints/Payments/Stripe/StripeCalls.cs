using System.Text.Json;
using Dapper;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>
/// An order to make one call to Stripe, handled outside any transaction by an <see cref="IHandleOutsideCalls{T}"/>. It carries ids alone and reads the rest
/// when it runs. It may run several times; the call's id, derived from the command that wanted it, is Stripe's idempotency key each time.
/// </summary>
interface IStripeCall
{
    /// <summary>Who is called for what: <c>refund/{id}</c>. Unique among all calls ever made.</summary>
    string CallId { get; }
}

static class StripeCalls
{
    /// <summary>A call without an outcome after this time is asked again by the reconciler.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Orders the call in the transaction at hand. Ordering it twice is one order.</summary>
    public static async Task RequestCall(this IMessageHandlerContext context, IStripeCall call)
    {
        var ordered = await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.stripe_call (call_id, message_type, message, requested_at, next_at)
            VALUES (@CallId, @type, @message::jsonb, @Now, @nextAt)
            ON CONFLICT (call_id) DO NOTHING
            """,
            new { call.CallId, type = call.GetType().Name, message = JsonSerializer.Serialize(call, call.GetType()), context.Now, nextAt = context.Now + Patience });
        if (ordered == 1)
            await context.SendLocal(call);
    }

    /// <summary>Notes that the outcome is known, in the transaction that records it.</summary>
    /// <returns>False when it was known before: the caller has nothing to record.</returns>
    public static async Task<bool> SettleCall(this IMessageHandlerContext context, string callId, string outcome = "done")
        => await context.Db.ExecuteAsync(
            """
            UPDATE payments.stripe_call
            SET settled_at = @Now, outcome = @outcome
            WHERE call_id = @callId AND settled_at IS NULL
            """,
            new { callId, outcome, context.Now }) == 1;

    /// <summary>How often the reconciler has asked again for a call without an outcome; null when the outcome is known and nothing is left to do.</summary>
    public static async Task<int?> Outstanding(this NpgsqlDataSource db, IStripeCall call, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "SELECT tries FROM payments.stripe_call WHERE call_id = @CallId AND settled_at IS NULL", new { call.CallId }, cancellationToken: ct));
    }
}
