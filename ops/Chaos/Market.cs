using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Npgsql;
using Shouldly;

namespace EdTech.Chaos;

/// <summary>Payers who buy with cards of all kinds, ask their money back and dispute; and what must hold of the money: books, Stripe and courses tell the same story.</summary>
sealed class Market : IAsyncDisposable
{
    static readonly string[] Cards = ["pm_card_visa", "pm_card_authenticationRequired", "pm_card_visa_chargeDeclined", "pm_card_createDispute", "pm_card_visa"];
    readonly PlatformUnderTest _platform;
    readonly IReadOnlyList<PlatformUnderTest> _gateways;
    readonly NpgsqlDataSource _books;
    readonly ConcurrentBag<Bought> _bought = [];
    IReadOnlyList<Thing> _things = [];
    int _number;
    long _opened;

    public Market(PlatformUnderTest platform, IReadOnlyList<PlatformUnderTest> gateways, string postgres)
    {
        _platform = platform;
        _gateways = gateways;
        _books = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres) { Database = $"{platform.Infrastructure.Prefix}_payments", Pooling = false }.ConnectionString);
    }

    /// <summary>Payments that Stripe has opened.</summary>
    public long Opened => Volatile.Read(ref _opened);

    public string Done => $"{_bought.Count} purchases";

    /// <summary>What Kafka must tell.</summary>
    public IEnumerable<string> Facts => _bought.SelectMany(b => new[] { $"purchase-started {b.Purchase}", $"payment-succeeded {b.Purchase}" });

    /// <summary>Things to buy, before anything breaks.</summary>
    public async Task Open() => _things = [.. (await Task.WhenAll(ThingsForSale(), ThingsForSale())).SelectMany(t => t).Take(5)];

    public IEnumerable<Task> Load(CancellationToken stop) => _gateways.Select(g => Trade(g, stop));

    /// <summary>One payer after the other, each of whom buys everything.</summary>
    async Task Trade(PlatformUnderTest gateway, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var payer = await Person.RegisterPatiently(gateway);
            foreach (var thing in _things.TakeWhile(_ => !stop.IsCancellationRequested))
            {
                _bought.Add(await Buy(payer, thing, Interlocked.Increment(ref _number)));
                await Task.WhenAny(Task.Delay(100, stop));
            }
        }
    }

    /// <summary>A tutor who can be paid, with two courses and a package of lessons.</summary>
    async Task<Thing[]> ThingsForSale()
    {
        var tutor = await Person.Register(_platform, tutor: true);
        await tutor.Post("/v1/me/payout-account", new { country = "DE" });
        string? account = null;
        await WorkerUnderTest.Until(async () => (account = await Read<string?>($"SELECT stripe_account_id FROM payments.tutor_account WHERE tutor_id = '{tutor.Id}'")) is not null, "the tutor's account is open");
        using (var done = await _platform.Stripe.PostAsync(new Uri($"/connect/onboarding/{account}/complete", UriKind.Relative), null))
            done.StatusCode.ShouldBe(HttpStatusCode.OK);
        await WorkerUnderTest.Until(async () => await Read<bool>($"SELECT payouts_enabled FROM payments.tutor_account WHERE tutor_id = '{tutor.Id}'"), "the tutor can be paid");

        var things = new List<Thing>();
        for (var i = 0; i < 2; i++)
        {
            var course = Id(await tutor.Post("/v1/courses", Requests.Course($"Course {i}", cents: 1999)));
            var section = Id(await tutor.Post($"/v1/courses/{course}/sections", new { title = "Light" }));
            await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("What leaves do"));
            await tutor.Post($"/v1/courses/{course}/publish");
            await WorkerUnderTest.Until(async () => await Read<bool>($"SELECT EXISTS (SELECT 1 FROM payments.course_offer WHERE course_id = '{course}')"), "the course is for sale");
            things.Add(new("course", course));
        }

        things.Insert(1, new("lessons", Id(await tutor.Post("/v1/lesson-offers", new { title = "Conversation", lessons = 3, price = new { minorUnits = 5000, currency = "EUR" } }))));
        return [.. things];
    }

    /// <summary>A purchase from quote to payment, and for some back again, by a client that repeats itself until it is answered.</summary>
    async Task<Bought> Buy(Person payer, Thing thing, int number)
    {
        var quote = Id(await payer.Insist(HttpMethod.Post, "/v1/quotes", new { kind = thing.Kind, itemId = thing.Id }, $"quote-{number}"));
        var purchase = Id(await payer.Insist(HttpMethod.Post, "/v1/purchases", new { kind = thing.Kind, quoteId = quote }, $"purchase-{number}"));
        var card = Cards[number % Cards.Length];
        var intent = await Pay(payer, purchase, card);
        if (card == "pm_card_visa_chargeDeclined")
            await Pay(payer, purchase, "pm_card_visa");
        if (card == "pm_card_createDispute")
        {
            await Reaches(payer, purchase, "disputed");
            var dispute = (await AtStripe($"disputes?payment_intent={intent}")).ShouldHaveSingleItem()["id"]!.GetValue<string>();
            await UntilAnswered(() => new HttpRequestMessage(HttpMethod.Post, $"/simulator/disputes/{dispute}/decide") { Content = JsonContent.Create(new { outcome = number % 2 == 0 ? "won" : "lost" }) });
            return new(payer, purchase, thing);
        }

        await Reaches(payer, purchase, thing.Kind == "course" ? "fulfilled" : "paid");
        if (thing.Kind == "lessons")
            await payer.Insist(HttpMethod.Post, $"/v1/purchases/{purchase}/lessons/1/confirm", null, $"lesson-{number}");
        if (number % 3 == 0)
            await payer.Insist(HttpMethod.Post, $"/v1/purchases/{purchase}/refunds", new { reason = "Changed my mind." }, $"refund-{number}");
        return new(payer, purchase, thing);
    }

    /// <summary>What Stripe's form does in the browser, and the bank's page after it.</summary>
    async Task<string> Pay(Person payer, Guid purchase, string card)
    {
        JsonNode payment;
        while ((payment = await payer.Insist(HttpMethod.Get, $"/v1/purchases/{purchase}/payment"))["clientSecret"] is null)
            await Task.Delay(100);
        Interlocked.Increment(ref _opened);
        var secret = payment["clientSecret"]!.GetValue<string>();
        var intent = secret[..secret.IndexOf("_secret_", StringComparison.Ordinal)];
        var confirmed = await UntilAnswered(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payment_intents/{intent}/confirm")
            {
                Content = new FormUrlEncodedContent([new("client_secret", secret), new("payment_method", card), new("return_url", $"{_platform.Url}paid")]),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", payment["publishableKey"]!.GetValue<string>());
            request.Headers.Add("Idempotency-Key", $"confirm/{purchase}/{card}");
            return request;
        });
        if (confirmed["status"]?.GetValue<string>() == "requires_action")
            await UntilAnswered(() => new HttpRequestMessage(HttpMethod.Post, $"/3ds/{intent}/complete"));
        return intent;
    }

    static async Task Reaches(Person payer, Guid purchase, string status)
    {
        var deadline = DateTime.UtcNow.AddMinutes(6);
        string? now = null;
        while ((now = (await payer.Insist(HttpMethod.Get, $"/v1/purchases/{purchase}"))["status"]!.GetValue<string>()) != status)
        {
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"Purchase {purchase} is {now} after six minutes, not {status}.");
            await Task.Delay(200);
        }
    }

    async Task<JsonNode> UntilAnswered(Func<HttpRequestMessage> make)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (DateTime.UtcNow < deadline)
        {
            try
            {
                using var request = make();
                using var response = await _platform.Stripe.SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                if ((int)response.StatusCode is < 500 and not 409 and not 429)
                    return text.StartsWith('{') ? JsonNode.Parse(text)! : new JsonObject();
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                // Stripe is being started again.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The Stripe simulator has no answer after two minutes.");
    }

    /// <summary>What was lost with a server is asked for after two minutes: they are over now.</summary>
    public async Task AskStripeAgain()
        => await Read<int>("WITH due AS (UPDATE payments.stripe_call SET next_at = now() WHERE settled_at IS NULL RETURNING 1) SELECT count(*)::int FROM due");

    /// <summary>Nothing is on its way any more, and stays so.</summary>
    public async Task Quiet()
    {
        await AskStripeAgain();
        var deadline = DateTime.UtcNow.AddMinutes(4);
        var waiting = "";
        for (var quiet = 0; quiet < 3; await Task.Delay(1_000))
        {
            waiting = await Read<string>(
                """
                SELECT concat_ws(', ',
                    (SELECT 'calls: ' || string_agg(call_id, ' ') FROM payments.stripe_call WHERE settled_at IS NULL),
                    (SELECT 'purchases: ' || string_agg(purchase_id || ' ' || status, ' ') FROM payments.purchase
                     WHERE status IN ('awaitingPayment', 'requiresAction', 'processing', 'disputed') OR (status = 'paid' AND kind = 'course')),
                    (SELECT 'refunds: ' || count(*) FROM payments.refund WHERE status = 'requested' HAVING count(*) > 0),
                    (SELECT 'transfers: ' || count(*) FROM payments.transfer WHERE status = 'pending' OR reversing_minor > 0 HAVING count(*) > 0))
                """);
            if (await Simulator("webhooks") is var webhooks && webhooks["undelivered"]!.GetValue<int>() is > 0 and var undelivered)
                waiting += $" webhooks: {undelivered}";
            foreach (var queue in JsonNode.Parse(await _platform.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{_platform.Infrastructure.Prefix}"))!.AsArray())
            {
                if (queue!["name"]!.GetValue<string>() is not "error" and var name && name.StartsWith("EdTech.", StringComparison.Ordinal) && queue["messages"]?.GetValue<long>() is > 0 and var messages)
                    waiting += $" {name}: {messages}";
            }

            quiet = waiting.Length == 0 ? quiet + 1 : 0;
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"After four minutes there still wait {waiting}.");
        }
    }

    public async Task ChargedOnce()
    {
        var charges = (await AtStripe("charges")).Where(c => c["status"]!.GetValue<string>() == "succeeded").ToArray();
        charges.Select(c => c["payment_intent"]!.GetValue<string>()).ShouldBeUnique();
        var intents = await AtStripe("payment_intents");
        intents.Select(i => i["metadata"]!["purchase_id"]!.GetValue<string>()).Order().ShouldBe(_bought.Select(b => b.Purchase.ToString()).Order(), "one payment for each purchase");
        charges.Select(c => c["payment_intent"]!.GetValue<string>()).Order().ShouldBe(intents.Select(i => i["id"]!.GetValue<string>()).Order(), "all were paid once");
        (await Read<long>("SELECT sum(captured_minor)::bigint FROM payments.purchase")).ShouldBe(charges.Sum(c => c["amount"]!.GetValue<long>()));
    }

    public async Task BooksBalance()
    {
        (await Read<long>("SELECT count(*) FROM (SELECT 1 FROM payments.posting GROUP BY posting_set_id, currency HAVING sum(amount_minor) <> 0) s")).ShouldBe(0, "each set balances");
        (await Read<long>("SELECT count(*) FROM (SELECT 1 FROM payments.posting GROUP BY currency HAVING sum(amount_minor) <> 0) s")).ShouldBe(0, "each currency balances");
        (await Read<string?>(
            """
            SELECT string_agg(format('%s %s: kept %s, fee %s, share %s, held %s, at Stripe %s, fees of Stripe %s', purchase_id, status, kept, fee, share, held, at_stripe, stripe_fees), E'\n')
            FROM (
                SELECT p.purchase_id, p.status, p.captured_minor - p.refunded_minor - COALESCE(d.lost, 0) AS kept, -sum(amount_minor) FILTER (WHERE account = 'platform_fees') AS fee,
                    -sum(amount_minor) FILTER (WHERE account = 'tutor') AS share, -sum(amount_minor) FILTER (WHERE account = 'held') AS held,
                    sum(amount_minor) FILTER (WHERE account IN ('stripe', 'connected', 'disputed')) AS at_stripe, sum(amount_minor) FILTER (WHERE account = 'stripe_fees') AS stripe_fees
                FROM payments.purchase p
                JOIN payments.posting_set s USING (purchase_id)
                JOIN payments.posting USING (posting_set_id)
                LEFT JOIN (SELECT purchase_id, sum(amount_minor) AS lost FROM payments.dispute WHERE status = 'lost' GROUP BY purchase_id) d USING (purchase_id)
                GROUP BY p.purchase_id, d.lost
            ) money
            WHERE kept <> COALESCE(fee, 0) + COALESCE(share, 0) + COALESCE(held, 0) OR kept <> at_stripe + stripe_fees
            """)).ShouldBeNull("what was captured and kept is the platform's fee, the tutor's share and what is held; and it lies at Stripe but for Stripe's fee");
    }

    public async Task BooksAreStripes()
    {
        var balances = (await Simulator("totals"))["balances"]!.AsArray().ToDictionary(
            b => $"{b!["account"]?.GetValue<string>() ?? "platform"} {b["currency"]}", b => b!["available"]!.GetValue<long>() + b["pending"]!.GetValue<long>());
        var books = JsonNode.Parse(await Read<string>(
            """
            SELECT json_object_agg(COALESCE(stripe_account_id, 'platform') || ' ' || lower(currency), balance)::text
            FROM (
                SELECT account, owner_id, currency, sum(amount_minor) AS balance FROM payments.posting WHERE account IN ('stripe', 'connected') GROUP BY account, owner_id, currency
            ) b
            LEFT JOIN payments.tutor_account ON account = 'connected' AND tutor_id = owner_id
            """))!.AsObject().ToDictionary(b => b.Key, b => b.Value!.GetValue<long>());
        books.Where(b => b.Value != 0).OrderBy(b => b.Key).ShouldBe(balances.Where(b => b.Value != 0).OrderBy(b => b.Key), "the books are what Stripe has");
    }

    public async Task EnrolledIfPaid()
    {
        foreach (var (payer, purchase, thing) in _bought.Where(b => b.Thing.Kind == "course"))
        {
            var status = (await payer.Insist(HttpMethod.Get, $"/v1/purchases/{purchase}"))["status"]!.GetValue<string>();
            status.ShouldBeOneOf("fulfilled", "refunded", "chargedBack");
            // The books are quiet; the end of an enrolment may still wait for its next try in learning's queue.
            await WorkerUnderTest.Until(
                async () =>
                {
                    using var progress = await payer.Send(HttpMethod.Get, $"/v1/courses/{thing.Id}/progress");
                    return progress.StatusCode == (status == "fulfilled" ? HttpStatusCode.OK : HttpStatusCode.NotFound);
                },
                $"the payer of purchase {purchase}, which is {status}, has the course or not");
        }
    }

    public async Task<long> Rebuild(string email, string password)
    {
        using var session = await _platform.Http.PostAsJsonAsync("/v1/sessions", new { email, password });
        var token = JsonNode.Parse(await session.Content.ReadAsStringAsync())!["accessToken"]!.GetValue<string>();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/payments/rebuild");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _platform.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!["differences"]!.GetValue<long>();
    }

    /// <summary>All pages of a list of Stripe's.</summary>
    async Task<JsonNode[]> AtStripe(string list)
    {
        var all = new List<JsonNode>();
        for (JsonNode? page = null; page is null || page["has_more"]!.GetValue<bool>();)
        {
            var after = all.Count == 0 ? "" : $"&starting_after={all[^1]["id"]}";
            page = await UntilAnswered(() =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/{list}{(list.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=100{after}");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_platform");
                return request;
            });
            all.AddRange(page["data"]!.AsArray()!);
        }

        return [.. all];
    }

    Task<JsonNode> Simulator(string what) => UntilAnswered(() => new HttpRequestMessage(HttpMethod.Get, $"/simulator/{what}"));

    async Task<T> Read<T>(string sql)
    {
        await using var command = _books.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default!;
    }

    static Guid Id(JsonNode done) => done["id"]!.GetValue<Guid>();

    sealed record Thing(string Kind, Guid Id);

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    sealed record Bought(Person Payer, Guid Purchase, Thing Thing);
}
