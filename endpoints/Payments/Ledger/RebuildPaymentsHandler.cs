using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>
/// Proves that what is read is what was written: folds every purchase from its events, sums every balance from its postings, compares, and replaces what differs.
/// In chunks by purchase, each under the lock that writers take; balances under a lock that lets nobody post meanwhile.
/// </summary>
sealed class RebuildPaymentsHandler : IHandleMessages<RebuildPayments>
{
    const int Chunk = 1000;

    public async Task Handle(RebuildPayments command, IMessageHandlerContext context)
    {
        if (!command.By.May("payments.admin"))
        {
            await context.Refuse(RefusalKind.Forbidden, "payments.not_permitted", "Only administrators rebuild the books.");
            return;
        }

        var (purchases, events, wrongPurchases) = await ReplayPurchases(context);
        var (balances, postings, wrongBalances) = await SumBalances(context);
        await context.Reply(new RebuildOutcome(purchases, events, balances, postings, wrongPurchases + wrongBalances));
    }

    static async Task<(long Purchases, long Events, long Wrong)> ReplayPurchases(IMessageHandlerContext context)
    {
        long purchases = 0, events = 0, wrong = 0;
        for (var after = Guid.Empty; ;)
        {
            var rows = (await context.Db.QueryAsync<Row>(
                """
                WITH chunk AS (
                    SELECT purchase_id, state, version, status, captured_minor, refunded_minor, released_minor
                    FROM payments.purchase
                    WHERE purchase_id > @after
                    ORDER BY purchase_id
                    LIMIT @Chunk
                    FOR UPDATE
                )
                SELECT c.purchase_id, c.state::text AS state, c.version, c.status, c.captured_minor, c.refunded_minor, c.released_minor, ARRAY(
                    SELECT e.data::text
                    FROM payments.purchase_event e
                    WHERE e.purchase_id = c.purchase_id
                    ORDER BY e.version) AS events
                FROM chunk c
                ORDER BY c.purchase_id
                """, new { after, Chunk })).AsList();
            foreach (var row in rows)
            {
                var rebuilt = PurchaseStream.Fold(row.PurchaseId, row.Events);
                if (!row.Says(rebuilt))
                {
                    wrong++;
                    await context.Replace(rebuilt);
                }

                purchases++;
                events += row.Events.Length;
            }

            if (rows.Count < Chunk)
                return (purchases, events, wrong);
            after = rows[^1].PurchaseId;
        }
    }

    static Task<(long Balances, long Postings, long Wrong)> SumBalances(IMessageHandlerContext context)
        => context.Db.QuerySingleAsync<(long, long, long)>(
            """
            LOCK TABLE payments.posting IN SHARE ROW EXCLUSIVE MODE;

            WITH summed AS (
                SELECT account, owner_id, currency, sum(amount_minor)::bigint AS balance_minor, count(*) AS postings
                FROM payments.posting
                GROUP BY account, owner_id, currency
            ), kept AS (
                SELECT account, owner_id, currency, sum(balance_minor)::bigint AS balance_minor, sum(postings)::bigint AS postings
                FROM payments.balance
                GROUP BY account, owner_id, currency
            ), wrong AS (
                SELECT account, owner_id, currency, s.balance_minor, s.postings
                FROM summed s
                FULL JOIN kept k USING (account, owner_id, currency)
                WHERE (s.balance_minor, s.postings) IS DISTINCT FROM (k.balance_minor, k.postings)
            ), dropped AS (
                DELETE FROM payments.balance b
                USING wrong w
                WHERE (b.account, b.owner_id, b.currency) = (w.account, w.owner_id, w.currency) AND (b.shard <> 0 OR w.postings IS NULL)
            ), mended AS (
                INSERT INTO payments.balance AS b (account, owner_id, currency, shard, balance_minor, postings)
                SELECT account, owner_id, currency, 0, balance_minor, postings
                FROM wrong
                WHERE postings IS NOT NULL
                ON CONFLICT (account, owner_id, currency, shard) DO UPDATE
                SET balance_minor = EXCLUDED.balance_minor, postings = EXCLUDED.postings
            )
            SELECT (SELECT count(*) FROM summed), COALESCE((SELECT sum(postings)::bigint FROM summed), 0), (SELECT count(*) FROM wrong)
            """);

    // Properties: Dapper finds no constructor that takes an array.
    sealed record Row
    {
        public Guid PurchaseId { get; init; }

        public string State { get; init; } = "";

        public long Version { get; init; }

        public string Status { get; init; } = "";

        public long CapturedMinor { get; init; }

        public long RefundedMinor { get; init; }

        public long ReleasedMinor { get; init; }

        public string[] Events { get; init; } = [];

        public bool Says(Purchase rebuilt)
            => PurchaseStream.Write(rebuilt) == PurchaseStream.Write(PurchaseStream.Read(State))
                && (Version, Status, CapturedMinor, RefundedMinor, ReleasedMinor)
                    == (rebuilt.Version, PurchaseStream.Word(rebuilt.Status), rebuilt.CapturedAmount, rebuilt.Refunded, PurchaseMoney.Released(rebuilt));
    }
}
