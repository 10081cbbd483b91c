using System.Diagnostics;
using static EdTech.Bench.Results;

namespace EdTech.Bench;

/// <summary>The whole run: limits and variants by turns, so that what else the machine does meets all of them.</summary>
static class BenchRun
{
    const string PgBench = "limit: pgbench, the three inserts, 32 clients";
    const int Rounds = 2;
    static readonly TimeSpan Window = TimeSpan.FromSeconds(3);
    static readonly (int Batch, int Concurrency)[] Variants = [(16, 8), (1, 8), (16, 32), (1, 32), (32, 8), (32, 32)];

    public static async Task<bool> Run(string resultsFile, string rowsFile)
    {
        var since = Stopwatch.GetTimestamp();
        var results = new Results();
        await using var ground = await Ground.Reserve();
        await Part(results, "handled messages", () => Messages(ground, results));
        await Part(results, "bare Kestrel", () => Kestrel(ground, results));
        await Part(results, "HTTP writes", () => Writes(results));
        await Part(results, "sign-ins", () => Passwords(results));
        await Part(results, "catalogue search", () => Search(results, rowsFile));
        await Part(results, "purchases", () => Bought(ground, results));
        await Part(results, "ledger", () => Ledger(ground, results));
        await Streams(ground, results);
        await Part(results, "overload", () => Overloaded(results, rowsFile));
        results.Target("messages lost or handled twice over 20 kill -9", "0", "not the bench's: the fault tests kill worker, broker and database; every rate above was checked: one inbox row and one business row a message, no event missing", null);
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        await File.WriteAllTextAsync(resultsFile, results.ToMarkdown(ground.Versions, seconds));
        await File.WriteAllTextAsync(Path.ChangeExtension(resultsFile, ".json"), results.ToJson(ground.Versions, seconds) + "\n");
        return results.Complete;
    }

    /// <summary>Single measurements by turns, for whoever works on the runtime: <c>pg</c>, <c>raw,CONCURRENCY</c> or <c>BATCH,CONCURRENCY</c>.</summary>
    public static async Task Try(IEnumerable<string> variants)
    {
        var results = new Results();
        await using var ground = await Ground.Reserve();
        await using var worker = await HandledMessages.Start(ground);
        await using var broker = BrokerLimit.Start(ground);
        foreach (var variant in variants)
        {
            results.Add(variant, 1, variant.Split(',') switch
            {
                ["pg"] => await PgBenchLimit.Measure(ground, Window),
                ["raw", var concurrency] => await Raw(ground, broker, Number(concurrency)),
                [var batch, var concurrency] => await Messages(ground, worker, Number(batch), Number(concurrency)),
                _ => throw new ArgumentException($"'{variant}' is no variant: pg, raw,8 or 16,8.", nameof(variants)),
            });
        }

        static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The payments parts alone, printed and not written.</summary>
    public static async Task<bool> TryPayments()
    {
        var results = new Results();
        await using var ground = await Ground.Reserve();
        await Part(results, "purchases", () => Bought(ground, results));
        await Part(results, "ledger", () => Ledger(ground, results));
        return results.Complete;
    }

    /// <summary>The streams' parts alone, printed and not written.</summary>
    public static async Task<bool> TryStreams()
    {
        var results = new Results();
        await using var ground = await Ground.Reserve();
        await Streams(ground, results);
        return results.Complete;
    }

    /// <summary>The long conversation alone, which takes most of the time when it is very long; printed and not written.</summary>
    public static async Task<bool> TryHistory()
    {
        var results = new Results();
        await Part(results, "long conversation", () => History(results));
        return results.Complete;
    }

    /// <summary>Writes over HTTP as fast as 32 callers are answered, for a profiler to look at; printed and not written.</summary>
    public static async Task<bool> TryWrites()
    {
        var results = new Results();
        await using var ground = await Ground.Reserve();
        await Part(results, "HTTP writes by 32 callers", async () => results.Add("courses created and answered", 1, await HttpWrites.AsFastAsTheyGo(ground, TimeSpan.FromSeconds(20))));
        return results.Complete;
    }

    /// <summary>The overload part alone, printed and not written.</summary>
    public static async Task<bool> TryOverload(string rowsFile)
    {
        var results = new Results();
        await Part(results, "overload", () => Overloaded(results, rowsFile));
        return results.Complete;
    }

    static async Task Streams(Ground ground, Results results)
    {
        await Part(results, "records stored", () => Stored(ground, results));
        await Part(results, "chat", () => Chat(results));
        await Part(results, "behaviour events", () => Events(ground, results));
        await Part(results, "long conversation", () => History(results));
    }

    static async Task Part(Results results, string name, Func<Task> measure)
    {
        await Console.Error.WriteLineAsync(name);
        try
        {
            await measure();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            results.Missing(name, e);
        }
    }

    static string Handled(int batch, int concurrency) => batch == 1 ? $"handled, no batching, concurrency {concurrency}" : $"handled, batches of {batch}, concurrency {concurrency}";

    static Task<Rate> Messages(Ground ground, Child worker, int batch, int concurrency)
        => batch == 1
            ? HandledMessages.Measure(ground, worker, batch, concurrency, messages: 7_000, warmUp: 1_000, Window)
            : HandledMessages.Measure(ground, worker, batch, concurrency, messages: 14_000, warmUp: 2_000, Window);

    static Task<Rate> Raw(Ground ground, Child broker, int concurrency) => BrokerLimit.Measure(ground, broker, concurrency, 20_000, 4_000, Window);

    static async Task Messages(Ground ground, Results results)
    {
        await using (var worker = await HandledMessages.Start(ground))
        await using (var broker = BrokerLimit.Start(ground))
        {
            for (var round = 1; round <= Rounds; round++)
            {
                results.Add(PgBench, round, await PgBenchLimit.Measure(ground, Window));
                foreach (var (batch, concurrency) in Variants)
                {
                    results.Add(Handled(batch, concurrency), round, await Messages(ground, worker, batch, concurrency));
                }

                foreach (var concurrency in new[] { 8, 32 })
                {
                    results.Add($"limit: RabbitMQ.Client consume, publish, ack, concurrency {concurrency}", round, await Raw(ground, broker, concurrency));
                }
            }
        }

        var best = Variants.Where(v => v.Batch > 1).MaxBy(v => results.Median(Handled(v.Batch, v.Concurrency), r => r.PerSecond));
        var name = Handled(best.Batch, best.Concurrency);
        var limit = results.Ratio(name, PgBench);
        results.Target($"handled messages/s, exactly once, one insert and one event each ({name[9..]})", "0.6 x pgbench (aim: 1 x)", $"{Text(limit, 2)} x ({Text(results.Median(name, r => r.PerSecond), 0)}/s against {Text(results.Median(PgBench, r => r.PerSecond), 0)}/s)", limit >= 0.6);
        foreach (var concurrency in new[] { 8, 32 })
        {
            var batched = Variants.Where(v => v.Batch > 1 && v.Concurrency == concurrency).MaxBy(v => results.Median(Handled(v.Batch, concurrency), r => r.PerSecond));
            var times = results.Ratio(Handled(batched.Batch, concurrency), Handled(1, concurrency));
            results.Target($"the same at concurrency {concurrency}, batches of {batched.Batch}", "2 x itself without batching", $"{Text(times, 2)} x", times >= 2);
        }

        foreach (var (batch, concurrency) in Variants.Where(v => v.Batch > 1))
        {
            var cost = results.Median(Handled(batch, concurrency), r => r.AllProcesses);
            results.Target($"processor time a message of all processes, {Handled(batch, concurrency)[9..]}", "600 us", $"{Text(cost, 0)} us", cost <= 600);
        }

        results.Target("handled messages/s without storage", "0.8 x raw RabbitMQ.Client", "not applicable: the runtime handles no message without its inbox", null);
    }

    static async Task Kestrel(Ground ground, Results results)
    {
        var kestrel = await KestrelLimit.Measure(ground, TimeSpan.FromSeconds(2));
        results.Add("limit: bare Kestrel, GET", 1, kestrel.Get);
        results.Add("limit: bare Kestrel, POST", 1, kestrel.Post);
        results.Add("limit: bare Kestrel, POST at 50/s", kestrel.PostAt50);
    }

    static async Task Writes(Results results)
    {
        var writes = await HttpWrites.Measure(TimeSpan.FromSeconds(10));
        results.Add("HTTP write answered with its outcome at 50/s", writes);
        results.Target("HTTP write answered with its outcome, p50 at 50/s", "15 ms", $"{Text(writes.P50, 1)} ms (p99 {Text(writes.P99, 1)} ms)", writes.P50 <= 15);
    }

    static async Task Passwords(Results results)
    {
        var signIns = await SignIns.Measure(TimeSpan.FromSeconds(5));
        results.Add("sign-in, two callers a core", signIns.Latencies);
        results.Add("sign-ins a second and core", $"{Text(signIns.PerSecondPerCore, 1)}, {Text(signIns.PerSecondPerCore / signIns.HashesPerSecondPerCore, 2)} x the {Text(signIns.HashesPerSecondPerCore, 1)} of Argon2id alone");
    }

    static async Task Search(Results results, string rowsFile)
    {
        var search = await CatalogueSearch.Measure(rowsFile, TimeSpan.FromSeconds(4));
        results.Add("catalogue search, 100,000 courses", search.Spelled);
        results.Add("catalogue search, misspelled", search.Misspelled);
        results.Add("limit: one ranked SQL search, same words", search.RawSql);
        results.Add("catalogue search against its limit", $"p50 {Text(search.Spelled.P50 / search.RawSql.P50, 1)} x, p99 {Text(search.Spelled.P99 / search.RawSql.P99, 1)} x; the answer has facets, highlights and corrections, the limit only rows");
        results.Add("queries of the catalogue search that found nothing", search.FoundNothing.Count == 0 ? "none" : string.Join(", ", search.FoundNothing));
    }

    static async Task Bought(Ground ground, Results results)
    {
        const string bought = "courses bought, from quote to enrolment, 16 learners";
        const string stripe = "limit: the Stripe simulator alone, the same calls";
        var purchases = await Purchases.Measure(ground, TimeSpan.FromSeconds(10));
        results.Add(stripe, 1, purchases.StripeAlone);
        results.Add(bought, 1, purchases.EndToEnd);
        results.Add("from the payer's confirmation to the enrolment, at that rate", purchases.PaidToEnrolled);
        results.Add("courses bought against the simulator alone", $"{Text(results.Ratio(bought, stripe), 2)} x ({Text(purchases.EndToEnd.PerSecond, 0)}/s against {Text(purchases.StripeAlone.PerSecond, 0)}/s); load, platform, simulator and servers share the cores");
    }

    static async Task Ledger(Ground ground, Results results)
    {
        const string pgbench = "limit: pgbench, a posting set of three and its inbox row, 32 clients";
        const string post = "posting sets of three through the ledger, 32 writers";
        const string read = "limit: purchase events read in order";
        const string rebuild = "purchase events rebuilt and compared";
        await using var books = await Books.Open(ground);
        await books.FillPurchases();
        await books.Rebuild(); // Warm-up.
        for (var round = 1; round <= Rounds; round++)
        {
            results.Add(read, round, await books.ReadEvents());
            results.Add(rebuild, round, await books.Rebuild());
        }

        for (var round = 1; round <= Rounds; round++)
        {
            results.Add(pgbench, round, await books.PostByPgBench(round, Window));
            results.Add(post, round, await books.Post(Window));
        }

        var sets = results.Median(post, r => r.PerSecond);
        results.Add("ledger against pgbench", $"{Text(results.Ratio(post, pgbench), 2)} x ({Text(3 * sets, 0)} postings/s against {Text(3 * results.Median(pgbench, r => r.PerSecond), 0)}/s)");
        var events = results.Median(rebuild, r => r.PerSecond);
        results.Target("purchase events rebuilt a second, nothing different", "100,000", $"{Text(events, 0)} ({Text(results.Ratio(rebuild, read), 2)} x reading them)", events >= 100_000);

        var statements = await books.Statement(TimeSpan.FromSeconds(3));
        results.Add("statement page of the last month, 1,000,000 postings", statements.LastMonth);
        results.Add("statement page of any month of two years", statements.AnyMonth);
        results.Add("limit: the rows of such a page by SQL, no balances", statements.RawSql);
        results.Add("statement against its limit", $"any month p50 {Text(statements.AnyMonth.P50 / statements.RawSql.P50, 1)} x, p99 {Text(statements.AnyMonth.P99 / statements.RawSql.P99, 1)} x; it sums what was posted since, for its balances");
        results.Add("plan of the last month's statement", statements.LastPlan);
        results.Add("plan of the oldest month's statement", statements.OldestPlan);
    }

    static async Task Overloaded(Results results, string rowsFile)
    {
        foreach (var overload in await Overload.Measure(rowsFile))
        {
            results.Add($"{overload.Operation}: capacity, 32 callers", $"{Text(overload.Capacity, 0)}/s");
            foreach (var stage in overload.Stages)
            {
                results.Add($"{overload.Operation}: accepted at {Text(stage.Times, 0)} x", stage.Latencies);
                results.Add($"{overload.Operation}: rates at {Text(stage.Times, 0)} x", $"accepted {Text(stage.Accepted, 0)}/s, turned away {Text(stage.Shed, 0)}/s");
            }

            var kept = overload.Stages[^1].Accepted / overload.Stages[0].Accepted;
            var bound = overload.Operation == Overload.Write ? 1_000 : 500;
            var p99 = overload.Stages.Max(s => s.Latencies.P99);
            results.Add($"{overload.Operation}: recovered after", $"{Text(overload.Recovery.TotalSeconds, 0)} s; {overload.Disturbed} of the 20 s after the load were not calm");
            results.Target($"{overload.Operation}, accepted at 5 x the capacity", "0.8 x those at 1 x", $"{Text(kept, 2)} x", kept >= 0.8);
            results.Target($"{overload.Operation}, p99 of the accepted at up to 5 x the capacity", $"{Text(bound, 0)} ms", $"{Text(p99, 0)} ms", p99 <= bound);
            results.Target($"{overload.Operation}, normal again after the load", "10 s", $"{Text(overload.Recovery.TotalSeconds, 0)} s", overload.Recovery <= TimeSpan.FromSeconds(10));
        }
    }

    static async Task Stored(Ground ground, Results results)
    {
        const string stored = "messages produced, folded and stored";
        const string kafka = "limit: the same records through Kafka alone";
        const string dynamo = "limit: the same items into DynamoDB alone";
        var measured = await StoredRecords.Measure(ground, 6_000);
        results.Add(kafka, 1, measured.Kafka);
        results.Add(dynamo, 1, measured.Dynamo);
        results.Add(stored, 1, measured.Stored);
        results.Add("messages stored against the limits", $"{Text(results.Ratio(stored, dynamo), 2)} x DynamoDB alone, {Text(results.Ratio(stored, kafka), 3)} x Kafka alone; the store is DynamoDB Local, 6 ms of processor time a call");
    }

    static async Task Chat(Results results)
    {
        foreach (var chat in await ChatLatency.Measure([100, 1_000, 2_000], perSecond: 10, TimeSpan.FromSeconds(10)))
        {
            results.Add($"chat, {chat.Connections} connections: sent to acknowledged, 10/s", chat.Acknowledged);
            results.Add($"chat, {chat.Connections} connections: sent to visible at each of the group, {Text(chat.Delivered, 0)} deliveries/s", chat.Visible);
            if (chat.Connections == 2_000)
            {
                results.Target("chat, from send to visible at 2,000 connections, p99", "50 ms", $"{Text(chat.Visible.P99, 1)} ms (p50 {Text(chat.Visible.P50, 1)} ms)", chat.Visible.P99 <= 50);
            }
        }
    }

    static async Task Events(Ground ground, Results results)
    {
        const string events = "behaviour events over HTTP, judged and at Kafka, batches of 100";
        const string bare = "limit: bare Kestrel, as many records to Kafka";
        var ingest = await EventsIngest.Measure(ground, TimeSpan.FromSeconds(5));
        results.Add(bare, 1, ingest.Bare);
        results.Add(events, 1, ingest.Platform);
        results.Add("behaviour events against bare Kestrel", $"{Text(results.Ratio(events, bare), 2)} x ({Text(ingest.Platform.PerSecond, 0)}/s against {Text(ingest.Bare.PerSecond, 0)}/s); the worker that stores them shares the cores");
    }

    static async Task History(Results results)
    {
        var conversation = await LongConversation.Measure(TimeSpan.FromSeconds(3));
        var messages = Text(conversation.Messages, 0);
        results.Add("limit: BatchGetItem of two items", conversation.RawGet);
        results.Add($"unread totals with {messages} messages unread", conversation.Unread);
        results.Add("limit: Query of fifty items", conversation.RawQuery);
        results.Add($"newest page of {messages} messages", conversation.Newest);
        results.Add($"a page anywhere in {messages} messages", conversation.Anywhere);
        results.Add("long conversation against its limits", $"unread p50 {Text(conversation.Unread.P50 / conversation.RawGet.P50, 1)} x, page p50 {Text(conversation.Anywhere.P50 / conversation.RawQuery.P50, 1)} x");
        results.Target($"unread totals of {messages} messages, p50", "20 ms", $"{Text(conversation.Unread.P50, 1)} ms", conversation.Unread.P50 <= 20);
    }
}
