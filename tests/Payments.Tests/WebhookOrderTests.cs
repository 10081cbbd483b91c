using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Payments.Tests;

/// <summary>Stripe's webhooks are hints: late, out of order, three times or never, purchases end the same. On a simulator of its own, because how webhooks misbehave is one setting for all.</summary>
public sealed class WebhookOrderTests(WebhookOrderTests.OwnStripe own) : IClassFixture<WebhookOrderTests.OwnStripe>
{
    const int Scenarios = 16;
    const string Secret = "whsec_payments";

    readonly PaymentsFixture _payments = own.Payments;

    [Fact]
    public async Task The_end_does_not_depend_on_order_repetition_or_loss_of_webhooks()
    {
        var scenarios = Enumerable.Range(1, Scenarios).Select(Scenario.Random).ToArray();

        var inOrder = await Run(scenarios, new { }, Nothing);
        await EverythingAgain(inOrder);
        var shuffled = await Run(scenarios, new { hold = true }, () => Webhooks(new { shuffle = true, seed = 11 }));
        var thrice = await Run(scenarios, new { duplicate = 2, shuffle = true, seed = 12 }, Nothing);
        var lost = await Run(scenarios, new { drop = 1.0 }, () => _payments.SendLocal(new CatchUpWithEvents()));
        await EverythingAgain([.. shuffled, .. thrice, .. lost]);

        foreach (var (scenario, i) in scenarios.Select((s, i) => (s, i)))
        {
            var expected = await End(inOrder[i]);
            expected.Status.ShouldBe(scenario.Ends(), $"{scenario} in order");
            (await End(shuffled[i])).ShouldBe(expected, $"{scenario} shuffled");
            (await End(thrice[i])).ShouldBe(expected, $"{scenario} thrice");
            (await End(lost[i])).ShouldBe(expected, $"{scenario} without webhooks");
        }
    }

    [Fact]
    public async Task What_Stripe_has_not_signed_within_five_minutes_is_refused_and_not_stored()
    {
        var body = await SomeEvent();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        (await Post(body.Replace("\"livemode\":false", "\"livemode\":true", StringComparison.Ordinal), Sign(body, now))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Post(body, Sign(body, now, "whsec_of_somebody_else"))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Post(body, Sign(body, now - 301))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Post(body, $"t={now},v1={new string('0', 64)}")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Post(body, "")).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Post("{", Sign("{", now))).ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await Stored(body)).ShouldBe((0, 0));
    }

    [Fact]
    public async Task An_event_that_comes_twice_is_counted_and_changes_nothing()
    {
        var body = await SomeEvent();

        (await Post(body, Sign(body, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 200))).ShouldBe(HttpStatusCode.OK);
        (await Post(body, Sign(body, DateTimeOffset.UtcNow.ToUnixTimeSeconds()))).ShouldBe(HttpStatusCode.OK);

        (await Stored(body)).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData("timeout_after_effect")]
    [InlineData("timeout_before_effect")]
    [InlineData("500")]
    [InlineData("500_after_effect")]
    [InlineData("429")]
    public async Task Whatever_Stripe_answers_each_call_takes_effect_once(string fault)
    {
        // Six in a row: one more than the bus tries at once, so that a later try is the reconciler's.
        Task Disturb(string path) => _payments.Simulate("faults", new { kind = fault, method = "POST", path, count = 6 });

        var tutor = await OnboardedTutor();
        var item = await _payments.Course(tutor: tutor);
        await Disturb("/v1/payment_intents");
        var purchase = await _payments.Started(item);
        await Settled($"intent/{purchase.Id}");
        await _payments.Simulate("faults/clear"); // The payer's own call is at an address below.

        await Disturb("/v1/transfers");
        using (var confirmed = await _payments.Confirm(purchase, "pm_card_bypassPending"))
            confirmed.StatusCode.ShouldBe(HttpStatusCode.OK);
        await _payments.Status(purchase, PurchaseStatus.Fulfilled);
        await _payments.Until("SELECT EXISTS (SELECT 1 FROM payments.transfer WHERE purchase_id = @Id)", new { purchase.Id }, "the transfer is decided");
        await Settled($"transfer/{await _payments.Read<Guid>("SELECT transfer_id FROM payments.transfer WHERE purchase_id = @Id", new { purchase.Id })}");

        await Disturb("/v1/refunds");
        var refund = Guid.CreateVersion7();
        await _payments.Worker.Done(new RefundPurchase(purchase.Payer, purchase.Id, refund, null, "not for me"));
        await Settled($"refund/{refund}");
        await _payments.Status(purchase, PurchaseStatus.Refunded);
        await WorkerUnderTest.Until(async () => await _payments.Moved(purchase, Accounts.Connected) == 0, "the transfer is taken back");
        await _payments.Until("SELECT bool_and(settled_at IS NOT NULL) FROM payments.stripe_call", new { }, "every outcome is known");

        var intents = (await AtStripe("payment_intents")).Where(i => i["metadata"]!["call_id"]?.GetValue<string>() == $"intent/{purchase.Id}").ShouldHaveSingleItem();
        (await AtStripe($"refunds?payment_intent={intents["id"]}")).ShouldHaveSingleItem()["amount"]!.GetValue<long>().ShouldBe(10_000);
        (await AtStripe($"transfers?transfer_group={purchase.Id}")).ShouldHaveSingleItem()["amount_reversed"]!.GetValue<long>().ShouldBe(8_000);
        (await _payments.Moved(purchase, Accounts.Stripe)).ShouldBe(-320);
    }

    /// <summary>Runs all scenarios side by side, stage by stage; between the stages the webhooks come as the mode lets them, or are caught up with.</summary>
    async Task<TestPurchase[]> Run(Scenario[] scenarios, object mode, Func<Task> catchUp)
    {
        var purchases = await Task.WhenAll(scenarios.Select(Start));
        await Webhooks(mode);
        await Each((scenario, purchase) => Pay(scenario, purchase));
        await catchUp();
        await Each((scenario, purchase) => Until(purchase, scenario.Paid()));
        await Webhooks(mode);
        await Each((scenario, purchase) => GoOn(scenario, purchase));
        await catchUp();
        await Each(async (scenario, purchase) =>
        {
            await Until(purchase, scenario.Ends());
            await Quiet(scenario, purchase);
        });
        await Webhooks(new { });
        return purchases;

        Task Each(Func<Scenario, TestPurchase, Task> step) => Task.WhenAll(scenarios.Zip(purchases, step));
    }

    async Task<TestPurchase> Start(Scenario scenario)
    {
        var tutor = scenario.Onboarded ? await OnboardedTutor() : PaymentsFixture.Tutor();
        var purchase = await _payments.Started(scenario.Kind == PurchaseKind.Course ? await _payments.Course(9_999, tutor: tutor) : await _payments.Lessons(3, 9_999, tutor: tutor));
        await _payments.Payment(purchase);
        return purchase;
    }

    async Task Pay(Scenario scenario, TestPurchase purchase)
    {
        foreach (var card in scenario.Cards)
        {
            using var confirmed = await _payments.Confirm(purchase, card.Split('/')[0]);
            var intent = JsonNode.Parse(await confirmed.Content.ReadAsStringAsync())!;
            var id = (intent["id"] ?? intent["error"]!["payment_intent"]!["id"])!.GetValue<string>();
            switch (card.Split('/') is [_, var answer] ? answer : null)
            {
                case "complete" or "fail":
                    using (var answered = await _payments.Stripe.PostAsync(new Uri($"/3ds/{id}/{card.Split('/')[1]}", UriKind.Relative), null))
                        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
                    break;
                case "settle":
                    await _payments.Simulate($"payment_intents/{id}/settle", new { outcome = "succeeded" });
                    break;
            }
        }
    }

    async Task GoOn(Scenario scenario, TestPurchase purchase)
    {
        var support = PaymentsFixture.Support();
        var charge = await _payments.Read<string>("SELECT charge_id FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id });
        foreach (var step in scenario.Then)
        {
            switch (step)
            {
                case "cancel":
                    await _payments.Worker.Done(new CancelPurchase(purchase.Payer, purchase.Id));
                    break;
                case "lesson":
                    await _payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 1));
                    break;
                case "refund part":
                    await _payments.Worker.Done(new RefundPurchase(support, purchase.Id, Guid.CreateVersion7(), 3_333, "as agreed"));
                    await _payments.Until("SELECT refunded_minor = 3333 FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id }, "a part is back");
                    break;
                case "refund rest":
                    await _payments.Worker.Done(new RefundPurchase(support, purchase.Id, Guid.CreateVersion7(), null, "as agreed"));
                    break;
                case "dispute":
                    var rest = 9_999 - await _payments.Read<long>("SELECT refunded_minor FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id });
                    await _payments.Simulate("disputes", new { charge, reason = "fraudulent", amount = rest });
                    break;
                case "won" or "lost":
                    var disputes = await AtStripe($"disputes?charge={charge}");
                    await _payments.Simulate($"disputes/{disputes.Single()["id"]}/decide", new { outcome = step });
                    break;
            }
        }
    }

    async Task<Actor> OnboardedTutor()
    {
        var tutor = PaymentsFixture.Tutor();
        await _payments.Worker.Done(new OnboardTutor(tutor, "DE"));
        await _payments.Until("SELECT stripe_account_id IS NOT NULL FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id }, "the tutor's account is open");
        var account = await _payments.Read<string>("SELECT stripe_account_id FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id });
        using (var done = await _payments.Stripe.PostAsync(new Uri($"/connect/onboarding/{account}/complete", UriKind.Relative), null))
            done.StatusCode.ShouldBe(HttpStatusCode.OK);
        await _payments.Until("SELECT payouts_enabled FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id }, "the tutor can be paid");
        return tutor;
    }

    Task Until(TestPurchase purchase, string status)
        => _payments.Until("SELECT status = @status FROM payments.purchase WHERE purchase_id = @Id", new { purchase.Id, status }, $"purchase {purchase.Id} is {status}");

    /// <summary>Nothing is on its way any more: all calls have outcomes, the course is given or taken back, and the tutor has at Stripe what was earned.</summary>
    async Task Quiet(Scenario scenario, TestPurchase purchase)
    {
        await _payments.Until(
            """
            SELECT NOT EXISTS (SELECT 1 FROM payments.stripe_call WHERE settled_at IS NULL AND message::text LIKE '%' || @Id || '%')
               AND NOT EXISTS (SELECT 1 FROM payments.refund WHERE purchase_id = @Id AND status = 'requested')
               AND NOT EXISTS (SELECT 1 FROM payments.transfer WHERE purchase_id = @Id AND (status = 'pending' OR reversing_minor > 0))
            """, new { purchase.Id }, "all outcomes are known");
        if (scenario.Onboarded)
            await WorkerUnderTest.Until(async () => await _payments.Moved(purchase, Accounts.Connected) == await _payments.Moved(purchase, Accounts.Tutor), $"the tutor of {purchase.Id} ({scenario}) has what was earned");
        if (scenario.Kind == PurchaseKind.Course)
            await WorkerUnderTest.Until(async () => await _payments.Enrolled(purchase) == (scenario.Ends() == "fulfilled"), $"the course of {purchase.Id} ({scenario}) is given only to who has paid");
    }

    /// <summary>Every event that Stripe ever made comes once more, and changes nothing.</summary>
    async Task EverythingAgain(TestPurchase[] purchases)
    {
        var before = await Task.WhenAll(purchases.Select(End));
        await WorkerUnderTest.Until(async () => (await _payments.Stripe.GetFromJsonAsync<JsonObject>("/simulator/webhooks"))!["waiting"]!.GetValue<int>() == 0, "nothing is under way");
        var repeats = await Repeats();
        var sent = (await _payments.Simulate("webhooks/resend", new { @event = "all" })).GetProperty("sent").GetInt64();
        await WorkerUnderTest.Until(async () => await Repeats() >= repeats + sent, "all events have come again");
        (await Task.WhenAll(purchases.Select(End))).ShouldBe(before);

        async Task<long> Repeats() => await _payments.Read<long>("SELECT sum(repeats + 1)::bigint FROM payments.stripe_event");
    }

    async Task<EndState> End(TestPurchase purchase)
    {
        await using var connection = await _payments.Worker.Db.OpenConnectionAsync();
        return await connection.QuerySingleAsync<EndState>(
            """
            SELECT status, captured_minor, stripe_fee_minor, refunded_minor, released_minor, lessons_confirmed,
                (SELECT string_agg(account || ' ' || moved, ', ' ORDER BY account) FROM (
                    SELECT account, sum(amount_minor) AS moved FROM payments.posting JOIN payments.posting_set s USING (posting_set_id) WHERE s.purchase_id = p.purchase_id GROUP BY account) a
                 WHERE moved <> 0) AS moved,
                (SELECT string_agg(status || ' ' || amount_minor, ', ' ORDER BY amount_minor) FROM payments.refund r WHERE r.purchase_id = p.purchase_id) AS refunds,
                (SELECT string_agg(status || ' ' || amount_minor, ', ' ORDER BY amount_minor) FROM payments.dispute d WHERE d.purchase_id = p.purchase_id) AS disputes
            FROM payments.purchase p
            WHERE purchase_id = @Id
            """, new { purchase.Id });
    }

    /// <summary>Retries wait ten seconds and more, the reconciler two minutes: a call without an outcome is asked for again at once.</summary>
    async Task Settled(string callId)
        => await WorkerUnderTest.Until(
            async () =>
            {
                await using var connection = await _payments.Worker.Db.OpenConnectionAsync();
                if (await connection.ExecuteAsync("UPDATE payments.stripe_call SET next_at = now() - interval '1 second' WHERE call_id = @callId AND settled_at IS NULL", new { callId }) == 0)
                    return await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM payments.stripe_call WHERE call_id = @callId)", new { callId });
                await _payments.SendLocal(new AskAgain());
                return false;
            },
            $"the outcome of {callId} is known");

    async Task<JsonNode[]> AtStripe(string list)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/{list}{(list.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=100");
        request.Headers.Authorization = new("Bearer", "sk_test_payments");
        using var answer = await _payments.Stripe.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["data"]!.AsArray()!];
    }

    Task Webhooks(object mode) => _payments.Simulate("webhooks", new { mode });

    static Task Nothing() => Task.CompletedTask;

    /// <summary>An event of Stripe as it is sent, under an id that was never sent.</summary>
    async Task<string> SomeEvent()
    {
        var purchase = await _payments.Started();
        await _payments.Payment(purchase);
        var made = (await AtStripe("events"))[0];
        made["id"] = $"evt_{Guid.NewGuid():N}";
        return made.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    async Task<HttpStatusCode> Post(string body, string signature)
    {
        using var api = _payments.Worker.Api();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/payments/stripe-events") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        using var answer = await api.SendAsync(request);
        return answer.StatusCode;
    }

    static string Sign(string body, long time, string secret = Secret)
        => $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";

    async Task<(long Rows, long Repeats)> Stored(string body)
    {
        var id = JsonNode.Parse(body)!["id"]!.GetValue<string>();
        await using var connection = await _payments.Worker.Db.OpenConnectionAsync();
        return await connection.QuerySingleAsync<(long, long)>("SELECT count(*), COALESCE(sum(repeats), 0)::bigint FROM payments.stripe_event WHERE event_id = @id", new { id });
    }

    /// <summary>A fixture of this class alone: the assembly's has tests that wait for their webhooks.</summary>
    public sealed class OwnStripe : IAsyncLifetime
    {
        public PaymentsFixture Payments { get; } = new();

        public ValueTask InitializeAsync() => Payments.InitializeAsync();

        public ValueTask DisposeAsync() => Payments.DisposeAsync();
    }

    /// <summary>How a purchase is paid and what becomes of it. Cards as Stripe names them, and after the stroke what is then answered.</summary>
    sealed record Scenario(int Seed, PurchaseKind Kind, bool Onboarded, string[] Cards, string[] Then)
    {
        static readonly string[][] Payments =
        [
            ["pm_card_visa"],
            ["pm_card_bypassPending"],
            ["pm_card_visa_chargeDeclined", "pm_card_visa"],
            ["pm_card_visa_chargeDeclinedInsufficientFunds", "pm_card_authenticationRequired/complete"],
            ["pm_card_authenticationRequired/complete"],
            ["pm_card_authenticationRequired/fail", "pm_card_mastercard"],
            ["pm_success_de/settle"],
            ["pm_card_createDispute"],
        ];

        static readonly string[][] Ways =
        [
            [],
            ["refund part"],
            ["refund part", "refund rest"],
            ["refund rest"],
            ["dispute", "won"],
            ["dispute", "lost"],
            ["refund part", "dispute", "lost"],
        ];

        public static Scenario Random(int seed)
        {
            var random = new Random(seed * 7919);
            var kind = random.Next(3) == 0 ? PurchaseKind.Lessons : PurchaseKind.Course;
            var onboarded = random.Next(2) == 0;
            if (seed % 8 == 0)
                return new(seed, kind, onboarded, ["pm_card_visa_chargeDeclined", "pm_card_authenticationRequired/fail"], ["cancel"]);
            var cards = Payments[random.Next(Payments.Length)];
            string[] then = cards is ["pm_card_createDispute"] ? [random.Next(2) == 0 ? "won" : "lost"] : Ways[random.Next(Ways.Length)];
            return new(seed, kind, onboarded, cards, kind == PurchaseKind.Lessons && cards is not ["pm_card_createDispute"] ? ["lesson", .. then] : then);
        }

        string Kept => Kind == PurchaseKind.Course ? "fulfilled" : "paid";

        public string Paid() => Then is ["cancel"] ? "awaitingPayment" : Cards is ["pm_card_createDispute"] ? "disputed" : Kept;

        public string Ends() => Then switch
        {
            ["cancel"] => "cancelled",
            [.., "lost"] => "chargedBack",
            [.., "refund rest"] => "refunded",
            _ => Kept,
        };

        public override string ToString() => $"scenario {Seed}: {Kind}, {(Onboarded ? "onboarded" : "not onboarded")}, {string.Join(", ", Cards)}; {string.Join(", ", Then)}";
    }

    /// <summary>Without the last decline: a payment that succeeds before anybody has looked tells nothing of the declines before.</summary>
    sealed record EndState(string Status, long CapturedMinor, long StripeFeeMinor, long RefundedMinor, long ReleasedMinor, int LessonsConfirmed, string? Moved, string? Refunds, string? Disputes);
}
