using Dapper;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Finds who is due on a day and has each paid out by a message of its own, in pages.</summary>
sealed class SchedulePayoutsHandler : IHandleMessages<SchedulePayouts>
{
    public Task Handle(SchedulePayouts command, IMessageHandlerContext context) => context.SendLocal(new ScheduleMorePayouts(command.Day, null, null));
}

/// <summary>Local: the next page of a day's payouts.</summary>
sealed record ScheduleMorePayouts(DateOnly Day, Guid? After, string? AfterCurrency);

sealed class ScheduleMorePayoutsHandler : IHandleMessages<ScheduleMorePayouts>
{
    const int Chunk = 500;

    public async Task Handle(ScheduleMorePayouts message, IMessageHandlerContext context)
    {
        string[] due = message.Day switch
        {
            { Day: 1, DayOfWeek: DayOfWeek.Monday } => ["daily", "weekly", "monthly"],
            { Day: 1 } => ["daily", "monthly"],
            { DayOfWeek: DayOfWeek.Monday } => ["daily", "weekly"],
            _ => ["daily"],
        };
        var tutors = (await context.Db.QueryAsync<(Guid TutorId, string Currency)>(
            """
            SELECT a.tutor_id, b.currency
            FROM payments.tutor_account a
            JOIN payments.balance b ON b.account = 'connected' AND b.owner_id = a.tutor_id AND b.balance_minor > 0
            WHERE a.payouts_enabled AND a.payout_interval = ANY(@due)
              AND (@After::uuid IS NULL OR (a.tutor_id, b.currency) > (@After, @AfterCurrency))
            ORDER BY a.tutor_id, b.currency
            LIMIT @Chunk
            """, new { due, message.After, message.AfterCurrency, Chunk })).AsList();
        foreach (var (tutorId, currency) in tutors)
            await context.SendLocal(new LookAtFunds(RefundOrder.IdOf(tutorId, $"payout {message.Day:yyyy-MM-dd} {currency}"), tutorId, currency, ByHand: false));
        if (tutors.Count == Chunk)
            await context.SendLocal(message with { After = tutors[^1].TutorId, AfterCurrency = tutors[^1].Currency });
    }
}
