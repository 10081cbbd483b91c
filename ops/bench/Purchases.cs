using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using EdTech.PlatformTesting;
using EdTech.StripeSimulator;
using EdTech.Testing;
using Npgsql;

namespace EdTech.Bench;

/// <summary>
/// Courses bought as clients buy them: quote, purchase, payment confirmed at the Stripe simulator, webhook, capture in the books, enrolment, receipt; platform and
/// simulator in processes of their own. Against what the simulator does when a bare HttpClient makes the calls to Stripe that a purchase makes, and nothing else happens.
/// </summary>
static class Purchases
{
    const int Learners = 16;
    const int WarmUp = 10;
    const int Courses = 60;

    /// <param name="EndToEnd">Purchases, from the first quote to the last enrolment.</param>
    /// <param name="StripeAlone">The same calls to the simulator.</param>
    /// <param name="PaidToEnrolled">From the payer's confirmation to the event that says enrolled.</param>
    public sealed record Result(Rate EndToEnd, Rate StripeAlone, Latencies PaidToEnrolled);

    public static async Task<Result> Measure(Ground ground, TimeSpan duration)
    {
        var (endToEnd, latencies) = await EndToEnd(ground, duration);
        return new Result(endToEnd, await StripeAlone(ground, duration / 2), latencies);
    }

    static async Task<(Rate Rate, Latencies PaidToEnrolled)> EndToEnd(Ground ground, TimeSpan duration)
    {
        await using var platform = await PlatformUnderTest.StartProcess(("Logging:LogLevel:Default", "Warning"));
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{platform.Infrastructure.Prefix}_payments", MaxPoolSize = 2 }.ConnectionString);
        var courses = await Publish(platform, db);
        var learners = await Task.WhenAll(Enumerable.Range(0, Learners).Select(_ => Person.Register(platform)));
        var confirmed = new ConcurrentDictionary<Guid, DateTime>();

        await Task.WhenAll(learners.Select(l => BuyAll(l, courses[..WarmUp], TimeSpan.MaxValue)));
        await AllEnrolled();
        var warmUp = confirmed.Count;
        confirmed.Clear();
        // The platform, the simulator and the load are one tree of processes.
        var load = ground.StartLoad(Environment.ProcessId);
        var since = Stopwatch.GetTimestamp();
        await Task.WhenAll(learners.Select(l => BuyAll(l, courses[WarmUp..], duration)));
        await AllEnrolled();
        var rate = load.End(confirmed.Count, Stopwatch.GetElapsedTime(since).TotalSeconds);

        await using var connection = await db.OpenConnectionAsync();
        var enrolled = (await connection.QueryAsync<(Guid Id, DateTime At)>("SELECT purchase_id, occurred_at FROM payments.purchase_event WHERE type = 'enrolled' AND purchase_id = ANY(@ids)", new { ids = confirmed.Keys.ToArray() })).AsList();
        var offBalance = await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM (SELECT sum(balance_minor) FROM payments.balance GROUP BY currency HAVING sum(balance_minor) <> 0) AS off");
        return enrolled.Count == confirmed.Count && offBalance == 0
            ? (rate, new Latencies(enrolled.Select(e => (e.At - confirmed[e.Id]).TotalMilliseconds)))
            : throw new InvalidOperationException($"{confirmed.Count} purchases were paid and {enrolled.Count} enrolled after {warmUp} to warm up; {offBalance} currencies do not balance.");

        async Task BuyAll(Person learner, Guid[] items, TimeSpan atMost)
        {
            var begin = Stopwatch.GetTimestamp();
            foreach (var course in items)
            {
                if (Stopwatch.GetElapsedTime(begin) >= atMost)
                {
                    return;
                }

                await Buy(platform, learner, course, confirmed);
            }
        }

        Task AllEnrolled() => WorkerUnderTest.Until(
            async () =>
            {
                await using var asking = await db.OpenConnectionAsync();
                return !await asking.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM payments.purchase WHERE status <> 'fulfilled')");
            },
            "all purchases are fulfilled");
    }

    static async Task<Guid[]> Publish(PlatformUnderTest platform, NpgsqlDataSource db)
    {
        var tutor = await Person.Register(platform, tutor: true);
        var courses = new List<Guid>();
        for (var i = 0; i < Courses; i++)
        {
            var course = Id(await tutor.Post("/v1/courses", new
            {
                title = $"Course {i} of the bench",
                summary = "Learn to measure.",
                descriptionHtml = "<p>At your own pace.</p>",
                language = "en",
                level = "beginner",
                subjects = new[] { "mathematics" },
                prerequisites = Array.Empty<Guid>(),
                price = new { minorUnits = 2000, currency = "EUR" },
            }));
            var section = Id(await tutor.Post($"/v1/courses/{course}/sections", new { title = "All of it" }));
            await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", new { kind = "article", title = "What to measure", minutes = 10, freePreview = false, content = new { html = "<p>Everything.</p>" } });
            await tutor.Post($"/v1/courses/{course}/publish");
            courses.Add(course);
        }

        await WorkerUnderTest.Until(
            async () =>
            {
                await using var connection = await db.OpenConnectionAsync();
                return await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM payments.course_offer") == Courses;
            },
            "all courses are for sale");
        return [.. courses];
    }

    static async Task Buy(PlatformUnderTest platform, Person learner, Guid course, ConcurrentDictionary<Guid, DateTime> confirmed)
    {
        var quote = Id(await learner.Expect(201, HttpMethod.Post, "/v1/quotes", new { kind = "course", itemId = course }));
        var purchase = Id(await learner.Expect(201, HttpMethod.Post, "/v1/purchases", new { kind = "course", quoteId = quote }));
        var payment = await OpenPayment(learner, purchase);
        var secret = payment["clientSecret"]!.GetValue<string>();
        confirmed[purchase] = DateTime.UtcNow;
        await Confirm(platform.Stripe, payment["publishableKey"]!.GetValue<string>(), secret);
    }

    /// <summary>Asks every fifth of a second, as a page does that waits for its form.</summary>
    static async Task<JsonNode> OpenPayment(Person learner, Guid purchase)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), deadline.Token);
            using var response = await learner.Send(HttpMethod.Get, $"/v1/purchases/{purchase}/payment");
            if (response.StatusCode != HttpStatusCode.Conflict)
            {
                return await Answer(response, $"/v1/purchases/{purchase}/payment");
            }
        }
    }

    static async Task<Rate> StripeAlone(Ground ground, TimeSpan duration)
    {
        const string secretKey = "sk_test_bench";
        const string publishableKey = "pk_test_bench";
        var journal = Path.GetTempFileName();
        try
        {
            await using var simulator = Child.Start("stripe");
            using var stripe = new HttpClient();
            stripe.BaseAddress = new Uri(await simulator.Tell($"http://127.0.0.1:{Infrastructure.FreePort()} {secretKey} {publishableKey} {journal}"));
            var done = 0L;
            var stop = false;
            var payers = Enumerable.Range(0, Learners).Select(_ => Task.Run(async () =>
            {
                var customer = (await Call(HttpMethod.Post, "/v1/customers", []))["id"]!.GetValue<string>();
                while (!Volatile.Read(ref stop))
                {
                    await Pay(customer);
                    Interlocked.Increment(ref done);
                }
            })).ToArray();
            await Task.Delay(TimeSpan.FromSeconds(2)); // Warm-up.
            var load = ground.StartLoad(Environment.ProcessId);
            var (before, since) = (Volatile.Read(ref done), Stopwatch.GetTimestamp());
            await Task.Delay(duration);
            var rate = load.End(Volatile.Read(ref done) - before, Stopwatch.GetElapsedTime(since).TotalSeconds);
            Volatile.Write(ref stop, true);
            await Task.WhenAll(payers);
            return rate;

            // What the platform and the payer's browser ask of Stripe for one purchase.
            async Task Pay(string customer)
            {
                var purchase = Guid.CreateVersion7().ToString();
                var intent = await Call(HttpMethod.Post, "/v1/payment_intents", [
                    new("amount", "2000"), new("currency", "eur"), new("customer", customer), new("description", "Course of the bench"), new("transfer_group", purchase),
                    new("automatic_payment_methods[enabled]", "true"), new("metadata[call_id]", $"intent/{purchase}"), new("metadata[purchase_id]", purchase), new("expand[0]", "latest_charge.balance_transaction"),
                ], purchase);
                var id = intent["id"]!.GetValue<string>();
                await Call(HttpMethod.Get, $"/v1/payment_intents/{id}", null);
                await Confirm(stripe, publishableKey, intent["client_secret"]!.GetValue<string>());
                await Call(HttpMethod.Get, $"/v1/payment_intents/{id}?expand[0]=latest_charge.balance_transaction", null);
            }

            async Task<JsonNode> Call(HttpMethod method, string path, KeyValuePair<string, string>[]? form, string? key = null)
            {
                using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secretKey) } };
                request.Content = form is null ? null : new FormUrlEncodedContent(form);
                if (key is not null)
                {
                    request.Headers.Add("Idempotency-Key", key);
                }

                using var response = await stripe.SendAsync(request);
                return await Answer(response, path);
            }
        }
        finally
        {
            File.Delete(journal);
        }
    }

    static async Task Confirm(HttpClient stripe, string publishableKey, string secret)
    {
        var path = $"/v1/payment_intents/{secret[..secret.IndexOf("_secret_", StringComparison.Ordinal)]}/confirm";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", publishableKey) } };
        request.Content = new FormUrlEncodedContent([new("client_secret", secret), new("payment_method", "pm_card_visa"), new("return_url", "https://bench.test/paid")]);
        using var response = await stripe.SendAsync(request);
        await Answer(response, path);
    }

    static async Task<JsonNode> Answer(HttpResponseMessage response, string path)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.StatusCode == HttpStatusCode.OK ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path} was answered {(int)response.StatusCode}: {text}");
    }

    static Guid Id(JsonNode answer) => answer["id"]!.Deserialize<Guid>();

    /// <summary>The child's side: a simulator that tells nobody of its events.</summary>
    public static async Task RunSimulator()
    {
        Microsoft.AspNetCore.Builder.WebApplication? simulator = null;
        await Child.Serve(Listen, () => 0);
        if (simulator is not null)
        {
            await simulator.StopAsync();
            await simulator.DisposeAsync();
        }

        async Task<string> Listen(string[] order)
        {
            simulator = StripeSimulatorHost.Build([
                $"--EDTECH_STRIPE_API={order[0]}", $"--EDTECH_STRIPE_SECRET_KEY={order[1]}", $"--EDTECH_STRIPE_PUBLISHABLE_KEY={order[2]}", "--EDTECH_STRIPE_WEBHOOK_SECRET=whsec_bench",
                "--EDTECH_STRIPE_WEBHOOK_URL=", $"--EDTECH_STRIPE_JOURNAL={order[3]}",
            ]);
            await simulator.StartAsync();
            return order[0];
        }
    }
}
