using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>A course is bought with a card whose bank wants to hear from the payer, and given back; platform and Stripe are killed on the way.</summary>
public sealed class BuyACourse : IAsyncLifetime
{
    static readonly HttpClient Mail = new() { Timeout = TimeSpan.FromSeconds(10) };
    PlatformUnderTest _platform = null!;

    public async ValueTask InitializeAsync() => _platform = await PlatformUnderTest.StartProcess();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task From_a_quote_to_the_course_and_back_to_the_money()
    {
        var (course, tutor) = await PaidCourse("Φωτοσύνθεση: how leaves live on light");
        var payer = await Person.Register(_platform);
        var purchase = await Purchase(payer, course);

        // The card asks for 3-D Secure: the purchase waits, and nobody is enrolled.
        var intent = await Pay(payer, purchase, "pm_card_authenticationRequired");
        intent["status"]!.GetValue<string>().ShouldBe("requires_action");
        await Status(payer, purchase, "requiresAction");
        await NotEnrolled(payer, course);

        // The payer's yes comes while the platform is down; Stripe repeats its webhook until somebody listens.
        await _platform.Kill();
        using (var answer = await _platform.Stripe.PostAsync(new Uri($"/3ds/{intent["id"]}/complete", UriKind.Relative), null))
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        await _platform.KillSimulator();
        await _platform.RestartSimulator();
        await _platform.Restart();

        await Status(payer, purchase, "fulfilled");
        (await payer.Get($"/v1/courses/{course}/progress"))["percent"]!.GetValue<int>().ShouldBe(0);
        await tutor.SignIn(); // the token may have aged while all was down
        (await Balance(tutor)).ShouldBe(1_600);
        var receipt = await MailTo(payer, "Your receipt ");
        receipt["attachments"]!.AsArray().Single()!["contentType"]!.GetValue<string>().ShouldBe("application/pdf");
        receipt["text"]!.GetValue<string>().ShouldContain("EUR 20.00");
        await ShowsReceipt(payer, purchase);

        await payer.Post($"/v1/purchases/{purchase}/refunds", new { reason = "Changed my mind." });
        await Status(payer, purchase, "refunded");
        await WorkerUnderTest.Until(async () => await Progress(payer, course) == HttpStatusCode.NotFound, "access has ended");
        await MailTo(payer, "Your refund of EUR 20.00");
        (await Balance(tutor)).ShouldBe(0);
        (await payer.Get($"/v1/purchases/{purchase}/history"))["items"]!.AsArray().Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task A_declined_card_ends_nothing_and_the_next_one_pays()
    {
        var (course, _) = await PaidCourse("Understanding moss");
        var payer = await Person.Register(_platform);
        var purchase = await Purchase(payer, course);

        var refused = await Pay(payer, purchase, "pm_card_visa_chargeDeclined");
        refused["error"]!["code"]!.GetValue<string>().ShouldBe("card_declined");
        await Status(payer, purchase, "awaitingPayment");

        var paid = await Pay(payer, purchase, "pm_card_visa");
        paid["status"]!.GetValue<string>().ShouldBe("succeeded");
        await Status(payer, purchase, "fulfilled");
    }

    async Task<(Guid Course, Person Tutor)> PaidCourse(string title)
    {
        var tutor = await Person.Register(_platform, tutor: true);
        var course = Id(await tutor.Post("/v1/courses", new
        {
            title,
            summary = "A short course.",
            descriptionHtml = "<p>What it is about.</p>",
            language = "en",
            level = "beginner",
            subjects = new[] { "biology" },
            prerequisites = Array.Empty<Guid>(),
            price = new { minorUnits = 2000, currency = "EUR" },
        }));
        var section = Id(await tutor.Post($"/v1/courses/{course}/sections", new { title = "Light" }));
        await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("What leaves do"));
        await tutor.Post($"/v1/courses/{course}/publish");
        return (course, tutor);
    }

    /// <summary>A purchase that waits for its payment.</summary>
    async Task<Guid> Purchase(Person payer, Guid course)
    {
        JsonNode? quote = null;
        await WorkerUnderTest.Until(
            async () =>
            {
                using var response = await payer.Send(HttpMethod.Post, "/v1/quotes", new { kind = "course", itemId = course });
                quote = JsonNode.Parse(await response.Content.ReadAsStringAsync());
                return response.StatusCode == HttpStatusCode.Created;
            },
            "the course is for sale");
        var shown = await payer.Get($"/v1/quotes/{quote!["id"]}");
        shown["platformFee"]!["minorUnits"]!.GetValue<long>().ShouldBe(400);
        shown["tutorShare"]!["minorUnits"]!.GetValue<long>().ShouldBe(1600);
        return Id(await payer.Expect(201, HttpMethod.Post, "/v1/purchases", new { kind = "course", quoteId = Id(quote) }));
    }

    /// <summary>Confirms the payment as Stripe's form does in a browser: with the publishable key and the payment's secret. The card never comes near us.</summary>
    async Task<JsonNode> Pay(Person payer, Guid purchase, string card)
    {
        JsonNode? payment = null;
        await WorkerUnderTest.Until(
            async () =>
            {
                using var response = await payer.Send(HttpMethod.Get, $"/v1/purchases/{purchase}/payment");
                payment = JsonNode.Parse(await response.Content.ReadAsStringAsync());
                return response.IsSuccessStatusCode;
            },
            "the payment is open at Stripe");
        var secret = payment!["clientSecret"]!.GetValue<string>();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/payment_intents/{secret[..secret.IndexOf("_secret_", StringComparison.Ordinal)]}/confirm", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", payment["publishableKey"]!.GetValue<string>());
        request.Content = new FormUrlEncodedContent([new("client_secret", secret), new("payment_method", card), new("return_url", $"{_platform.Url}paid")]);
        using var confirmed = await _platform.Stripe.SendAsync(request);
        return JsonNode.Parse(await confirmed.Content.ReadAsStringAsync())!;
    }

    static Task Status(Person payer, Guid purchase, string status)
        => WorkerUnderTest.Until(async () => (await payer.Get($"/v1/purchases/{purchase}"))["status"]!.GetValue<string>() == status, $"the purchase is {status}");

    static async Task<long> Balance(Person tutor)
        => (await tutor.Get("/v1/me/earnings"))["balances"]!.AsArray().Single(b => b!["currency"]!.GetValue<string>() == "EUR")!["balance"]!["minorUnits"]!.GetValue<long>();

    static async Task NotEnrolled(Person payer, Guid course) => (await Progress(payer, course)).ShouldBe(HttpStatusCode.NotFound);

    static async Task<HttpStatusCode> Progress(Person payer, Guid course)
    {
        using var response = await payer.Send(HttpMethod.Get, $"/v1/courses/{course}/progress");
        return response.StatusCode;
    }

    static async Task ShowsReceipt(Person payer, Guid purchase)
    {
        using var page = await payer.Send(HttpMethod.Get, $"/v1/purchases/{purchase}/receipt");
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await page.Content.ReadAsStringAsync()).ShouldContain("Φωτοσύνθεση");
        using var pdf = await payer.Send(HttpMethod.Get, $"/v1/purchases/{purchase}/receipt.pdf");
        pdf.Content.Headers.ContentType!.MediaType.ShouldBe("application/pdf");
        System.Text.Encoding.ASCII.GetString(await pdf.Content.ReadAsByteArrayAsync(), 0, 5).ShouldBe("%PDF-");
    }

    /// <summary>The one mail to this person with this subject.</summary>
    static async Task<JsonNode> MailTo(Person person, string subject)
    {
        JsonNode[] found = [];
        await WorkerUnderTest.Until(
            async () =>
            {
                var mails = JsonNode.Parse(await Mail.GetStringAsync(new Uri($"{Infrastructure.Setting("EDTECH_MAIL_WEB").TrimEnd('/')}/api/email?to.address={Uri.EscapeDataString(person.Email)}")))!;
                var list = mails as JsonArray ?? mails["emails"] as JsonArray ?? mails["items"] as JsonArray ?? [];
                found = [.. list.Where(m => m!["subject"]!.GetValue<string>().StartsWith(subject, StringComparison.Ordinal)
                    && m["to"]!.AsArray().Any(to => string.Equals(to!["address"]!.GetValue<string>(), person.Email, StringComparison.OrdinalIgnoreCase)))!];
                return found.Length > 0;
            },
            $"a mail '{subject}' has come");
        return found.ShouldHaveSingleItem();
    }

    static Guid Id(JsonNode done) => done["id"]!.GetValue<Guid>();
}
