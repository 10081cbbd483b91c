using System.Data;
using System.Diagnostics;
using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using EdTech.Payments;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EdTech.Bench;

/// <summary>The payments endpoint's books, with the endpoint in this process: how fast they are written, proved and read.</summary>
sealed class Books : IAsyncDisposable
{
    const int Writers = 32;
    const int Tutors = 1_000;
    const int Purchases = 20_000;
    const int StatementLines = 1_000_000;
    readonly WorkerUnderTest _worker;
    readonly Ground _ground;
    readonly Guid[] _tutors = [.. Enumerable.Range(0, Tutors).Select(i => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"10000000-0000-7000-8000-{i:D12}")))];

    Books(WorkerUnderTest worker, Ground ground)
    {
        _worker = worker;
        _ground = ground;
    }

    public static async Task<Books> Open(Ground ground)
        => new(
            await WorkerUnderTest.Start(
                "payments",
                PaymentsEndpoint.Build,
                ("Logging:LogLevel:Default", "Warning"),
                ("EDTECH_USERS_URL", "http://127.0.0.1:1"),
                ("EDTECH_PUBLIC_URL", "https://bench.test"),
                ("EDTECH_STRIPE_API", "http://127.0.0.1:1"),
                ("EDTECH_STRIPE_SECRET_KEY", "sk_test_bench"),
                ("EDTECH_STRIPE_PUBLISHABLE_KEY", "pk_test_bench"),
                ("EDTECH_STRIPE_WEBHOOK_SECRET", "whsec_bench")),
            ground);

    string Database => new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{_worker.Infrastructure.Prefix}_payments" }.ConnectionString;

    /// <summary>Sets of three postings, each in a transaction of its own with its inbox row.</summary>
    public async Task<Rate> Post(TimeSpan duration)
    {
        await Sql("CHECKPOINT");
        var session = _worker.Host.Services.GetRequiredService<ITransactionalSession>();
        var done = 0L;
        var stop = false;
        var writers = Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                var (purchase, learner, tutor) = (Guid.CreateVersion7(), Guid.NewGuid(), _tutors[Random.Shared.Next(Tutors)]);
                await session.Run(
                    context => context.Post($"bench/{purchase}", "enrolled", purchase, "EUR", [new(Accounts.Held, learner, 10_000), new(Accounts.Tutor, tutor, -8_000), new(Accounts.PlatformFees, Accounts.Platform, -2_000)]),
                    CancellationToken.None);
                Interlocked.Increment(ref done);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1)); // Warm-up.
        var load = _ground.StartLoad(Environment.ProcessId);
        var (before, since) = (Volatile.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(duration);
        var rate = load.End(Volatile.Read(ref done) - before, Stopwatch.GetElapsedTime(since).TotalSeconds);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(writers);
        await Verify();
        return rate;
    }

    /// <summary>The limit: the same statements by pgbench.</summary>
    public async Task<Rate> PostByPgBench(int round, TimeSpan duration)
    {
        await Sql("CHECKPOINT");
        var rate = await PgBenchLimit.Measure(
            _ground,
            Database,
            """
            \set sequence :sequence + 1
            \set id :client_id * 100000000 + :sequence
            \set tutor random(0, 999)
            BEGIN;
            WITH posting_set AS (INSERT INTO payments.posting_set (reference, kind, purchase_id, message_id, posted_at) VALUES ('pgbench/' || lpad(:id::text, 36, '0'), 'enrolled', lpad(:id::text, 32, '0')::uuid, lpad(:id::text, 36, '0'), now()) RETURNING posting_set_id) INSERT INTO payments.posting (posting_set_id, line, account, owner_id, currency, amount_minor, posted_at) SELECT posting_set_id, line, account, owner_id, 'EUR', amount_minor, now() FROM posting_set CROSS JOIN unnest(ARRAY['held', 'tutor', 'platform_fees'], ARRAY[gen_random_uuid(), ('10000000-0000-7000-8000-' || lpad(:tutor::text, 12, '0'))::uuid, '00000000-0000-0000-0000-000000000000'::uuid], ARRAY[10000, -8000, -2000]::bigint[]) WITH ORDINALITY AS p (account, owner_id, amount_minor, line);
            INSERT INTO messaging.inbox (message_id, handled_at) VALUES (lpad(:id::text, 36, '0'), now());
            COMMIT;

            """,
            firstSequence: round * 10_000_000,
            duration);
        await Verify();
        return rate;
    }

    /// <summary>Bought packages of lessons, six events each: one made as every purchase is, the others its copies.</summary>
    public async Task FillPurchases()
    {
        var id = Guid.CreateVersion7();
        var payer = Guid.CreateVersion7();
        var now = DateTimeOffset.UtcNow;
        await _worker.Host.Services.GetRequiredService<ITransactionalSession>().Run(
            context => context.Append(
                null,
                id,
                payer,
                new PurchaseEvent.Started(PurchaseKind.Lessons, Guid.CreateVersion7(), payer, _tutors[0], "Conversation, ten lessons", 10, 10_000, 2_000, "EUR", Guid.CreateVersion7(), now),
                new PurchaseEvent.IntentOpened($"pi_{id}"),
                new PurchaseEvent.Captured($"ch_{id}", 10_000, 320, now),
                new PurchaseEvent.LessonGiven(1),
                new PurchaseEvent.LessonGiven(2),
                new PurchaseEvent.LessonGiven(3)),
            CancellationToken.None);
        await Sql(
            """
            INSERT INTO payments.purchase
            SELECT copy.*
            FROM payments.purchase p
            CROSS JOIN LATERAL (SELECT gen_random_uuid()::text AS id FROM generate_series(1, @copies) WHERE p.purchase_id = @id) AS other
            CROSS JOIN LATERAL jsonb_populate_record(NULL::payments.purchase, replace(to_jsonb(p)::text, @id::text, other.id)::jsonb) AS copy
            WHERE p.purchase_id = @id;

            INSERT INTO payments.purchase_event (purchase_id, version, type, data, actor_id, message_id, occurred_at)
            SELECT p.purchase_id, e.version, e.type, replace(e.data::text, @id::text, p.purchase_id::text)::jsonb, e.actor_id, e.message_id, e.occurred_at
            FROM payments.purchase_event e
            CROSS JOIN payments.purchase p
            WHERE e.purchase_id = @id AND p.purchase_id <> @id
            """,
            new { id, copies = Purchases - 1 });
        await Sql("VACUUM ANALYZE payments.purchase, payments.purchase_event");
    }

    /// <summary>All purchases folded from their events and all balances summed, as an administrator orders it: events a second.</summary>
    public async Task<Rate> Rebuild()
    {
        var load = _ground.StartLoad(Environment.ProcessId);
        var since = Stopwatch.GetTimestamp();
        var answer = await _worker.Ask(new RebuildPayments(new Actor(Guid.CreateVersion7(), ["payments.support", "payments.admin"])));
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        return answer is RebuildOutcome { Differences: 0, Purchases: Purchases } outcome
            ? load.End(outcome.Events, seconds)
            : throw new InvalidOperationException($"The rebuild of {Purchases} purchases that are as their events say answered {answer}.");
    }

    /// <summary>The limit: the same events read in the same order, and nothing made of them.</summary>
    public async Task<Rate> ReadEvents()
    {
        var load = _ground.StartLoad(Environment.ProcessId);
        var since = Stopwatch.GetTimestamp();
        var count = 0L;
        await using var command = _worker.Db.CreateCommand("SELECT data::text FROM payments.purchase_event ORDER BY purchase_id, version");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _ = reader.GetString(0);
            count++;
        }

        return load.End(count, Stopwatch.GetElapsedTime(since).TotalSeconds);
    }

    /// <param name="LastMonth">Pages of 50 from the last 30 days, over HTTP.</param>
    /// <param name="AnyMonth">The same from any 30 days of two years.</param>
    /// <param name="RawSql">The limit for any month: the page's rows alone, without balances.</param>
    /// <param name="LastPlan">How PostgreSQL reads postings for the last 30 days.</param>
    /// <param name="OldestPlan">The same for the oldest 30 days: all that came since is summed, and of half the table that may well be a scan of all of it.</param>
    public sealed record Statements(Latencies LastMonth, Latencies AnyMonth, Latencies RawSql, string LastPlan, string OldestPlan);

    public async Task<Statements> Statement(TimeSpan duration)
    {
        var tutor = Guid.CreateVersion7();
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var first = today.AddDays(-730);
        await FillStatement(tutor, first);
        using var api = _worker.Api(new Actor(tutor, ["learn", "courses.author"]));
        DateOnly Any(int i) => first.AddDays(i * 97 % 700);
        async Task Ask(DateOnly from)
        {
            var page = await api.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/internal/payments/me/statement?currency=EUR&from={from:yyyy-MM-dd}&to={from.AddDays(29):yyyy-MM-dd}&limit=50"), UriKind.Relative));
            if (page.Contains("\"lines\":[]", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The statement of 30 days from {from} has no lines.");
            }
        }

        return new Statements(
            await Latencies.OneByOne(20, duration, _ => Ask(today.AddDays(-30))),
            await Latencies.OneByOne(20, duration, i => Ask(Any(i))),
            await Latencies.OneByOne(20, duration, i => Rows(tutor, Any(i))),
            await Explain(tutor, today.AddDays(-30)),
            await Explain(tutor, first));
    }

    /// <summary>Rows as the postings of a million lessons left them. The checks are not what is measured, and are left out here only.</summary>
    async Task FillStatement(Guid tutor, DateOnly first)
    {
        await Sql(
            """
            BEGIN;
            SET LOCAL session_replication_role = replica;
            WITH posting_set AS (
                INSERT INTO payments.posting_set (reference, kind, purchase_id, message_id, posted_at)
                SELECT 'statement/' || n, 'lessonConfirmed', gen_random_uuid(), 'bench', @begin + n * interval '63 seconds'
                FROM generate_series(1, @lines) AS n
                RETURNING posting_set_id, posted_at
            )
            INSERT INTO payments.posting (posting_set_id, line, account, owner_id, currency, amount_minor, posted_at)
            SELECT posting_set_id, line, account, CASE account WHEN 'tutor' THEN @tutor ELSE gen_random_uuid() END, 'EUR', amount_minor, posted_at
            FROM posting_set
            CROSS JOIN (VALUES (1, 'held', 900), (2, 'tutor', -900)) AS p (line, account, amount_minor);
            INSERT INTO payments.balance (account, owner_id, currency, shard, balance_minor, postings)
            SELECT 'tutor', @tutor, 'EUR', 0, -900 * @lines, @lines;
            COMMIT
            """,
            new { tutor, begin = first.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), lines = (long)StatementLines });
        await Sql("VACUUM ANALYZE payments.posting, payments.posting_set");
    }

    async Task Rows(Guid tutor, DateOnly from)
    {
        await using var connection = await _worker.Db.OpenConnectionAsync();
        _ = (await connection.QueryAsync(
            """
            SELECT posted_at, posting_set_id, line, amount_minor
            FROM payments.posting
            WHERE account = 'tutor' AND owner_id = @tutor AND currency = 'EUR' AND posted_at >= @begin AND posted_at < @begin + interval '30 days'
            ORDER BY posted_at, posting_set_id, line
            LIMIT 50
            """, new { tutor, begin = from.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) })).AsList();
    }

    async Task<string> Explain(Guid tutor, DateOnly from)
    {
        await using var connection = await _worker.Db.OpenConnectionAsync();
        var begin = from.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var plan = (await connection.QueryAsync<string>(
            "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + GetStatement.Statement,
            new { tutor, currency = "EUR", begin, end = begin.AddDays(30), at = begin, set = 0L, line = 0, fetch = 51 })).AsList();
        var scans = plan.Where(l => l.Contains(" on posting ", StringComparison.Ordinal) || l.EndsWith(" on posting", StringComparison.Ordinal)).Select(l => l.Trim(' ', '-', '>')).ToList();
        return string.Join("; ", scans.Append(plan[^1].Trim()));
    }

    /// <summary>What was counted as posted is in the balances, and all of it balances.</summary>
    async Task Verify()
    {
        await using var connection = await _worker.Db.OpenConnectionAsync();
        var (off, balances, postings) = await connection.QuerySingleAsync<(long, long, long)>(
            "SELECT (SELECT sum(balance_minor)::bigint FROM payments.balance), (SELECT sum(postings)::bigint FROM payments.balance), (SELECT count(*) FROM payments.posting)");
        if (off != 0 || balances != postings)
        {
            throw new InvalidOperationException($"The books are off by {off}, and balances count {balances} of {postings} postings.");
        }
    }

    // Told that it is text: Dapper takes a statement of one word for a procedure.
    async Task Sql(string sql, object? parameters = null)
    {
        await using var connection = await _worker.Db.OpenConnectionAsync();
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, commandTimeout: 180, commandType: CommandType.Text));
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();
}
