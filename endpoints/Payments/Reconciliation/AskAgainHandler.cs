using System.Text.Json;
using Dapper;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Local: calls whose outcome is not known are made again, with their own idempotency keys. Sent by the clock.</summary>
sealed record AskAgain;

/// <summary>
/// A time-out is not a failure: until Stripe's outcome is recorded a call stays in payments.stripe_call, and is asked for again at growing distances, for good.
/// </summary>
sealed class AskAgainHandler : IHandleMessages<AskAgain>
{
    const int Batch = 200;

    /// <summary>After so many tries (about two days) a person hears of it; the asking goes on.</summary>
    const int Worrying = 60;

    static readonly TimeSpan CatchUpEvery = TimeSpan.FromMinutes(2);

    static readonly Dictionary<string, Type> Calls = typeof(AskAgainHandler).Assembly.GetTypes()
        .Where(t => t.IsAssignableTo(typeof(IStripeCall)) && t is { IsClass: true, IsAbstract: false })
        .ToDictionary(t => t.Name, StringComparer.Ordinal);

    public async Task Handle(AskAgain message, IMessageHandlerContext context)
    {
        var outstanding = (await context.Db.QueryAsync<Call>(
            """
            UPDATE payments.stripe_call
            SET tries = tries + 1,
                next_at = @Now + LEAST(interval '1 hour', interval '30 seconds' * power(2, LEAST(tries, 10)))
            WHERE call_id IN (
                SELECT call_id
                FROM payments.stripe_call
                WHERE settled_at IS NULL AND next_at <= @Now
                ORDER BY next_at
                LIMIT @Batch
                FOR UPDATE SKIP LOCKED)
            RETURNING call_id, message_type, message::text AS message, tries
            """, new { context.Now, Batch })).AsList();
        foreach (var call in outstanding)
        {
            if (call.Tries == Worrying)
                await context.FileException("outcome_unknown", call.CallId, $"Stripe has not told the outcome of {call.CallId} in {call.Tries} tries. It is asked for every hour.");
            await context.SendLocal(JsonSerializer.Deserialize(call.Message, Calls[call.MessageType])!);
        }

        if (outstanding.Count == Batch)
            await context.SendLocal(new AskAgain());
        if (await context.Db.ExecuteScalarAsync<bool>("SELECT caught_up_to < @due FROM payments.stripe_watermark", new { due = context.Now - CatchUpEvery }))
            await context.SendLocal(new CatchUpWithEvents());
    }

    sealed record Call(string CallId, string MessageType, string Message, int Tries);
}
