using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>
/// Proves that what is read is what was written: folds every purchase from its events, sums every balance from its postings, compares, and replaces what differs.
/// Row and events are written in one transaction, so a statement that reads both needs no lock, and nobody waits for the comparison; what differs is locked and compared again
/// before it is replaced.
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
            var rows = await Read(context, after, Chunk);
            foreach (var row in rows)
            {
                if (!row.Says(PurchaseStream.Fold(row.PurchaseId, row.Events)) && await Replay(context, row.PurchaseId))
                    wrong++;
                purchases++;
                events += row.Events.Length;
            }

            if (rows.Count < Chunk)
                return (purchases, events, wrong);
            after = rows[^1].PurchaseId;
        }
    }

    /// <summary>Writes the purchase as its events make it, under its lock; false when it was right after all.</summary>
    static async Task<bool> Replay(IMessageHandlerContext context, Guid purchaseId)
    {
        await context.LoadPurchase(purchaseId);
        var row = (await Read(context, null, 1, purchaseId)).Single();
        var rebuilt = PurchaseStream.Fold(purchaseId, row.Events);
        if (row.Says(rebuilt))
            return false;
        await context.Replace(rebuilt);
        return true;
    }

    static async Task<List<Row>> Read(IMessageHandlerContext context, Guid? after, int limit, Guid? only = null)
        => (await context.Db.QueryAsync<Row>(
            """
            SELECT p.purchase_id, p.state::text AS state, p.version, p.status, p.captured_minor, p.refunded_minor, p.released_minor, ARRAY(
                SELECT e.data::text
                FROM payments.purchase_event e
                WHERE e.purchase_id = p.purchase_id
                ORDER BY e.version) AS events
            FROM payments.purchase p
            WHERE p.purchase_id > COALESCE(@after, '00000000-0000-0000-0000-000000000000') AND (@only::uuid IS NULL OR p.purchase_id = @only)
            ORDER BY p.purchase_id
            LIMIT @limit
            """, new { after, limit, only })).AsList();

    const string Sums =
        """
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
        )
        """;

    static async Task<(long Balances, long Postings, long Wrong)> SumBalances(IMessageHandlerContext context)
    {
        var compared = await context.Db.QuerySingleAsync<(long Balances, long Postings, long Wrong)>(
            Sums + " SELECT (SELECT count(*) FROM summed), COALESCE((SELECT sum(postings)::bigint FROM summed), 0), (SELECT count(*) FROM wrong)");
        return compared.Wrong == 0 ? compared : compared with { Wrong = await MendBalances(context) };
    }

    /// <summary>Nobody posts while balances are set to their sums.</summary>
    static Task<long> MendBalances(IMessageHandlerContext context)
        => context.Db.ExecuteScalarAsync<long>(
            "LOCK TABLE payments.posting IN SHARE ROW EXCLUSIVE MODE; " + Sums + """
            , dropped AS (
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
            SELECT count(*) FROM wrong
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
