using Dapper;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Local, once a day: quotes that nobody accepted, and the texts of webhooks and of calls long settled, go in chunks. Purchases, events and postings stay.</summary>
sealed record ForgetOld;

sealed class ForgetOldHandler : IHandleMessages<ForgetOld>
{
    const int Chunk = 5_000;

    public async Task Handle(ForgetOld message, IMessageHandlerContext context)
    {
        // Stripe repeats a webhook for three days, and lists its events for thirty.
        var forgotten = await context.Db.QuerySingleAsync<(int Quotes, int Events, int Calls)>(
            """
            WITH quotes AS (
                DELETE FROM payments.quote
                WHERE quote_id IN (SELECT quote_id FROM payments.quote WHERE purchase_id IS NULL AND expires_at < @Now - interval '7 days' LIMIT @Chunk)
                RETURNING 1
            ), events AS (
                DELETE FROM payments.stripe_event
                WHERE event_id IN (SELECT event_id FROM payments.stripe_event WHERE created_at < @Now - interval '60 days' LIMIT @Chunk)
                RETURNING 1
            ), calls AS (
                DELETE FROM payments.stripe_call
                WHERE call_id IN (SELECT call_id FROM payments.stripe_call WHERE settled_at < @Now - interval '400 days' LIMIT @Chunk)
                RETURNING 1
            )
            SELECT (SELECT count(*)::int FROM quotes), (SELECT count(*)::int FROM events), (SELECT count(*)::int FROM calls)
            """, new { context.Now, Chunk });
        if (forgotten.Quotes == Chunk || forgotten.Events == Chunk || forgotten.Calls == Chunk)
            await context.SendLocal(message);
    }
}
