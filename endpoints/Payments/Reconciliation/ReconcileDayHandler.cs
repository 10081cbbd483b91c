using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class ReconcileDayHandler : IHandleMessages<ReconcileDay>
{
    public async Task Handle(ReconcileDay command, IMessageHandlerContext context)
    {
        if (!command.By.May("payments.admin"))
        {
            await context.Refuse(RefusalKind.Forbidden, "reconciliation.not_permitted", "Only administrators compare the books.");
            return;
        }

        if (command.Day > DateOnly.FromDateTime(context.Now.UtcDateTime))
        {
            await context.Refuse(RefusalKind.Invalid, "reconciliation.in_the_future", "The day has not come yet.", new Dictionary<string, string> { ["day"] = $"{command.Day:yyyy-MM-dd}" });
            return;
        }

        await context.SendLocal(new FetchTransactions(command.Day));
        await LookAtWhatIsLate(context);
        await context.SendLocal(new ForgetOld());
        await context.Reply(new Done(Guid.Empty));
    }

    /// <summary>Events of tutors' accounts are not among the platform's; whose webhook was lost is asked for once a day.</summary>
    static async Task LookAtWhatIsLate(IMessageHandlerContext context)
    {
        var payouts = await context.Db.QueryAsync<(string Account, string Payout)>(
            """
            SELECT a.stripe_account_id, p.stripe_payout_id
            FROM payments.payout p
            JOIN payments.tutor_account a USING (tutor_id)
            WHERE p.status = 'sent' AND p.arrives_at < @Now AND p.stripe_payout_id IS NOT NULL
            ORDER BY p.arrives_at
            LIMIT 1000
            """, new { context.Now });
        foreach (var (account, payout) in payouts)
            await context.SendLocal(new LookAtPayout(account, payout));

        var accounts = await context.Db.QueryAsync<string>(
            """
            SELECT stripe_account_id
            FROM payments.tutor_account
            WHERE stripe_account_id IS NOT NULL AND NOT payouts_enabled AND opened_at > @Now - interval '90 days'
            ORDER BY opened_at
            LIMIT 1000
            """, new { context.Now });
        foreach (var account in accounts)
            await context.SendLocal(new LookAtAccount(account));
    }
}

/// <summary>Local: gets Stripe's balance transactions around a day, page by page.</summary>
sealed record FetchTransactions(DateOnly Day);

sealed class FetchTransactionsHandler(StripeApi stripe) : IHandleOutsideCalls<FetchTransactions>
{
    const int Page = 500;

    public async Task Handle(FetchTransactions message, IMessageHandlerContext context)
    {
        // The ledger hears of a movement after Stripe has booked it, before or after midnight.
        var from = new DateTimeOffset(message.Day.AddDays(-1), TimeOnly.MinValue, TimeSpan.Zero);
        var page = new List<StripeTransaction>(Page);
        var count = 0;
        await foreach (var transaction in stripe.ListTransactions(from, from.AddDays(3), context.CancellationToken))
        {
            page.Add(transaction);
            count++;
            if (page.Count == Page)
            {
                await context.SendLocal(new KeepTransactions([.. page]));
                page.Clear();
            }
        }

        if (page.Count > 0)
            await context.SendLocal(new KeepTransactions([.. page]));
        await context.SendLocal(new CompareDay(message.Day, from, count));
    }
}

/// <summary>A balance transaction of Stripe; the amount is net of Stripe's fee, in our minor units.</summary>
sealed record StripeTransaction(string TransactionId, string? SourceId, string Type, string Currency, long Net, DateTimeOffset CreatedAt);

/// <summary>Local: one page of Stripe's transactions.</summary>
sealed record KeepTransactions(IReadOnlyList<StripeTransaction> Transactions);

sealed class KeepTransactionsHandler : IHandleMessages<KeepTransactions>
{
    public Task Handle(KeepTransactions message, IMessageHandlerContext context)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.stripe_transaction (transaction_id, source_id, type, currency, net_minor, created_at)
            SELECT * FROM unnest(@ids, @sources, @types, @currencies, @nets, @times)
            ON CONFLICT (transaction_id) DO NOTHING
            """,
            new
            {
                ids = message.Transactions.Select(t => t.TransactionId).ToArray(),
                sources = message.Transactions.Select(t => t.SourceId).ToArray(),
                types = message.Transactions.Select(t => t.Type).ToArray(),
                currencies = message.Transactions.Select(t => t.Currency).ToArray(),
                nets = message.Transactions.Select(t => t.Net).ToArray(),
                times = message.Transactions.Select(t => t.CreatedAt.UtcDateTime).ToArray(),
            });
}

/// <summary>Local: compares, once all of Stripe's transactions of the time are here.</summary>
sealed record CompareDay(DateOnly Day, DateTimeOffset From, int Transactions);

/// <summary>
/// Lays each transaction of the day beside the ledger's movement for the same object, and each of the ledger's movements of the day beside Stripe's, to the minor unit.
/// An object can move money both ways (a refund that bounces, a dispute that is won), so the direction is part of the match.
/// </summary>
sealed class CompareDayHandler : IHandleMessages<CompareDay>
{
    public async Task Handle(CompareDay message, IMessageHandlerContext context)
    {
        var day = new { from = message.From.UtcDateTime, day = message.Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), message.Transactions, on = message.Day, context.Now };
        var here = await context.Db.ExecuteScalarAsync<int>(
            "SELECT count(*)::int FROM payments.stripe_transaction WHERE created_at >= @from AND created_at < @from + interval '3 days'", day);
        if (here < message.Transactions)
        {
            await context.SendLocal(message, new SendOptions(TimeSpan.FromSeconds(2)));
            return;
        }

        var differences = await context.Db.QueryAsync<(string Kind, string Reference, string Details)>(
            """
            WITH stripe AS (
                SELECT source_id, currency, sign(net_minor) AS direction, sum(net_minor)::bigint AS net, min(created_at) AS at, min(transaction_id) AS transaction_id, min(type) AS type
                FROM payments.stripe_transaction
                WHERE created_at >= @from AND created_at < @from + interval '3 days'
                GROUP BY source_id, currency, sign(net_minor), CASE WHEN source_id IS NULL THEN transaction_id END
            ), ledger AS (
                SELECT source_id, currency, sign(amount_minor) AS direction, sum(amount_minor)::bigint AS net, min(posted_at) AS at, min(reference) AS reference
                FROM payments.stripe_movement
                WHERE posted_at >= @from AND posted_at < @from + interval '3 days'
                GROUP BY source_id, currency, sign(amount_minor), CASE WHEN source_id IS NULL THEN reference END
            )
            SELECT CASE WHEN l.net IS NULL THEN 'missing_in_ledger' WHEN s.net IS NULL THEN 'missing_at_stripe' ELSE 'amount_differs' END,
                   COALESCE(s.source_id, l.source_id, s.transaction_id, l.reference) || CASE WHEN COALESCE(s.direction, l.direction) < 0 THEN '/out' ELSE '/in' END,
                   format('Stripe: %s %s %s at %s. Ledger: %s %s (%s) at %s.', COALESCE(s.type, 'nothing'), s.net, s.currency, s.at, l.net, l.currency, COALESCE(l.reference, 'nothing'), l.at)
            FROM stripe s
            FULL JOIN ledger l ON l.source_id = s.source_id AND l.currency = s.currency AND l.direction = s.direction
            WHERE s.net IS DISTINCT FROM l.net
              AND (s.at IS NULL OR s.net IS NOT NULL)
              AND ((s.at >= @day AND s.at < @day + interval '1 day') OR (s.at IS NULL AND l.at >= @day AND l.at < @day + interval '1 day'))
            """, day);
        var filed = 0;
        foreach (var (kind, reference, details) in differences)
        {
            await context.FileException(kind, reference, details);
            filed++;
        }

        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.reconciliation (day, currency, stripe_transactions, stripe_minor, ledger_minor, exceptions, ran_at)
            SELECT @on, COALESCE(s.currency, l.currency), COALESCE(s.transactions, 0), COALESCE(s.net, 0), COALESCE(l.net, 0), @filed, @Now
            FROM (
                SELECT currency, count(*)::int AS transactions, sum(net_minor)::bigint AS net
                FROM payments.stripe_transaction
                WHERE created_at >= @day AND created_at < @day + interval '1 day'
                GROUP BY currency) AS s
            FULL JOIN (
                SELECT m.currency, sum(m.amount_minor)::bigint AS net
                FROM payments.stripe_movement m
                WHERE m.posted_at >= @from AND m.posted_at < @from + interval '3 days'
                  AND EXISTS (
                      SELECT 1
                      FROM payments.stripe_transaction t
                      WHERE t.source_id = m.source_id AND t.created_at >= @day AND t.created_at < @day + interval '1 day' AND sign(t.net_minor) = sign(m.amount_minor))
                GROUP BY m.currency) AS l ON l.currency = s.currency
            ON CONFLICT (day, currency) DO UPDATE
            SET stripe_transactions = EXCLUDED.stripe_transactions, stripe_minor = EXCLUDED.stripe_minor, ledger_minor = EXCLUDED.ledger_minor,
                exceptions = EXCLUDED.exceptions, ran_at = EXCLUDED.ran_at
            """, new { day.on, filed, context.Now, day.day, day.from });
    }
}
