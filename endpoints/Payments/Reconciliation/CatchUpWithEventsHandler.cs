using Dapper;
using EdTech.Hosting;
using Npgsql;
using Stripe;

namespace EdTech.Payments;

/// <summary>Local: events of Stripe whose webhooks never came are fetched.</summary>
sealed record CatchUpWithEvents;

/// <summary>Lists what Stripe has told since a while before the last time, and takes in what is missing. The mark moves only once all of it is on its way.</summary>
sealed class CatchUpWithEventsHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<CatchUpWithEvents>
{
    const int Most = 10_000;

    /// <summary>Events become visible a little after their time.</summary>
    static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);

    public async Task Handle(CatchUpWithEvents message, IMessageHandlerContext context)
    {
        await using var connection = await db.OpenConnectionAsync(context.CancellationToken);
        var caughtUp = await connection.ExecuteScalarAsync<DateTime>(new CommandDefinition("SELECT caught_up_to FROM payments.stripe_watermark", cancellationToken: context.CancellationToken));
        var events = await stripe.ListEvents(new DateTimeOffset(caughtUp, TimeSpan.Zero) - Overlap, Most, context.CancellationToken);
        var missing = (await connection.QueryAsync<string>(new CommandDefinition(
            """
            SELECT id
            FROM unnest(@ids) AS id
            WHERE NOT EXISTS (SELECT 1 FROM payments.stripe_event WHERE event_id = id)
            """, new { ids = events.Select(e => e.Id).ToArray() }, cancellationToken: context.CancellationToken))).ToHashSet(StringComparer.Ordinal);
        foreach (var e in events.Where(e => missing.Contains(e.Id)))
            await context.SendLocal(new TakeInEvent(e.ToJson()));
        await context.SendLocal(new RecordCaughtUp(context.Now));
    }
}

/// <summary>Local: an event that was fetched, not sent to us.</summary>
sealed record TakeInEvent(string Json);

sealed class TakeInEventHandler : IHandleMessages<TakeInEvent>
{
    public Task Handle(TakeInEvent message, IMessageHandlerContext context)
        => context.TakeIn(EventUtility.ParseEvent(message.Json, throwOnApiVersionMismatch: false), message.Json);
}

/// <summary>Local: all events until then are here or on their way.</summary>
sealed record RecordCaughtUp(DateTimeOffset Until);

sealed class RecordCaughtUpHandler : IHandleMessages<RecordCaughtUp>
{
    public Task Handle(RecordCaughtUp message, IMessageHandlerContext context)
        => context.Db.ExecuteAsync("UPDATE payments.stripe_watermark SET caught_up_to = GREATEST(caught_up_to, @Until)", new { message.Until });
}
