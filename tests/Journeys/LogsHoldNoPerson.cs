using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>Two people do all that people do, mistakes included; then nothing that is theirs may stand in any log, span or metric.</summary>
[Collection("what operators see")]
public sealed class LogsHoldNoPerson(WatchedPlatform watched)
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    PlatformUnderTest Platform => watched.Platform;

    [Fact]
    public async Task Nothing_personal_is_logged_from_registration_to_certificate_purchase_and_chat()
    {
        var servers = ServerLogs().ToDictionary(f => f, f => new FileInfo(f).Length, StringComparer.Ordinal);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["address of the client"] = WatchedPlatform.ClientAddress };
        var tutor = await Register("tutor", tutor: true);
        var student = await Register("student", tutor: false);

        await Mistakes(student, secrets);
        await SpeakOfOneself(student);
        var (free, article, quiz) = await Course(tutor, price: null);
        await Learn(student, free, article, quiz);
        var (paid, _, _) = await Course(tutor, new { minorUnits = 2000, currency = "EUR" });
        await Buy(student, paid);
        await Chat(tutor, student);
        await student.Expect(null, HttpMethod.Delete, "/v1/sessions/current");

        await WorkerUnderTest.Until(() => watched.Otlp.Spans.Any(s => s.Name.Contains("sessions/current", StringComparison.Ordinal)), "the last request's span is exported");
        var metrics = await Http.GetStringAsync(new Uri(watched.Metrics, "/metrics"), Ct);
        var found = secrets
            .SelectMany(secret => Printed().SelectMany(log => log.Text.Split('\n').Where(line => Holds(line, secret.Value)).Take(2)
                .Select(line => $"{secret.Key} ({secret.Value}) in {log.Name}: {Around(line, secret.Value)}")))
            .ToArray();
        found.ShouldBeEmpty();

        var lines = Platform.AllPrinted.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonNode.Parse(l)!).ToArray();
        lines.ShouldContain(l => Scoped(l, "TraceId") && Scoped(l, "MessageId"), "a line that is written while a message is handled names both");

        IEnumerable<(string Name, string Text)> Printed()
        {
            yield return ("the platform's log", Platform.AllPrinted);
            yield return ("exported spans and metrics", string.Join('\n', watched.Otlp.Bodies));
            yield return ("shown metrics", metrics);
            foreach (var file in ServerLogs()) yield return (file, ReadFrom(file, servers.GetValueOrDefault(file)));
        }

        async Task<Person> Register(string who, bool tutor)
        {
            var name = $"Name{Guid.NewGuid():N}";
            var person = await Person.Register(Platform, tutor, name);
            secrets[$"name of the {who}"] = name;
            secrets[$"email of the {who}"] = person.Email;
            secrets[$"password of the {who}"] = person.Password;
            secrets[$"mailed token of the {who}"] = await person.MailedToken();
            secrets[$"access token of the {who}"] = person.AccessToken;
            secrets[$"refresh token of the {who}"] = person.RefreshToken;
            return person;
        }

        // What is typed into the wrong place, in the wrong form or for the second time is what error texts like to repeat.
        async Task Mistakes(Person person, Dictionary<string, string> secrets)
        {
            var wrong = Secret("wrong password");
            var stranger = $"{Secret("unknown email")}@example.org";
            await Refused(HttpMethod.Post, "/v1/accounts", new { email = person.Email, password = person.Password, displayName = Secret("second name") });
            await Refused(HttpMethod.Post, "/v1/sessions", new { email = person.Email, password = wrong });
            await Refused(HttpMethod.Post, "/v1/sessions", new { email = stranger, password = wrong });
            await Refused(HttpMethod.Post, "/v1/sessions", new { email = new[] { stranger }, password = wrong });
            await Refused(HttpMethod.Post, "/v1/sessions/refresh", new { refreshToken = Secret("unknown refresh token") });
            await Refused(HttpMethod.Post, "/v1/accounts/verify", new { token = (Secret("unknown token") + new string('a', 64))[..64] });
            await Refused(HttpMethod.Post, "/v1/password-resets", new { email = person.Email });
            await Refused(HttpMethod.Get, $"/v1/catalogue?q={Secret("search")}&email={Uri.EscapeDataString(person.Email)}", null);
            using var torn = await Platform.Http.PostAsync(new Uri("/v1/sessions", UriKind.Relative), new StringContent($"{{\"email\":\"{person.Email}\",\"password\":\"{wrong}", Encoding.UTF8, "application/json"), Ct);
            using var forged = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/me", UriKind.Relative));
            forged.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.AccessToken[..^6] + "AAAAAA");
            using var unauthorized = await Platform.Http.SendAsync(forged, Ct);
            ((int)unauthorized.StatusCode).ShouldBe(401);
            using var socket = await Platform.Http.GetAsync(new Uri($"/hubs/chat?access_token={person.AccessToken}", UriKind.Relative), Ct);

            string Secret(string what) => secrets[what] = $"{what.Replace(" ", "", StringComparison.Ordinal)}{Guid.NewGuid():N}";

            async Task Refused(HttpMethod method, string path, object? body)
            {
                using var response = await person.Send(method, path, body);
                ((int)response.StatusCode).ShouldBeLessThan(500, await response.Content.ReadAsStringAsync(Ct));
            }
        }

        async Task SpeakOfOneself(Person person)
        {
            using var me = await person.Send(HttpMethod.Get, "/v1/me");
            using var changed = await person.Send(
                HttpMethod.Put,
                "/v1/me/profile",
                new { displayName = Marked("new name"), locale = "pt-PT", timeZone = "Europe/Lisbon", bio = Marked("bio"), accessibility = new { captions = true, textScalePercent = 120 }, shows = new { bio = "everybody" } },
                ifMatch: me.Headers.ETag!.ToString());
            changed.IsSuccessStatusCode.ShouldBeTrue(await changed.Content.ReadAsStringAsync(Ct));
        }

        async Task Buy(Person payer, Guid course)
        {
            JsonNode? quote = null;
            await WorkerUnderTest.Until(
                async () =>
                {
                    using var response = await payer.Send(HttpMethod.Post, "/v1/quotes", new { kind = "course", itemId = course });
                    quote = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct));
                    return response.IsSuccessStatusCode;
                },
                "the course is for sale");
            var purchase = Id(await payer.Expect(201, HttpMethod.Post, "/v1/purchases", new { kind = "course", quoteId = Id(quote!) }));
            JsonNode? payment = null;
            await WorkerUnderTest.Until(
                async () =>
                {
                    using var response = await payer.Send(HttpMethod.Get, $"/v1/purchases/{purchase}/payment");
                    payment = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct));
                    return response.IsSuccessStatusCode;
                },
                "the payment is open at Stripe");
            var secret = secrets["client secret of the payment"] = payment!["clientSecret"]!.GetValue<string>();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/payment_intents/{secret[..secret.IndexOf("_secret_", StringComparison.Ordinal)]}/confirm", UriKind.Relative));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", payment["publishableKey"]!.GetValue<string>());
            request.Content = new FormUrlEncodedContent([new("client_secret", secret), new("payment_method", "pm_card_visa"), new("return_url", $"{Platform.Url}paid")]);
            using var confirmed = await Platform.Stripe.SendAsync(request, Ct);
            confirmed.EnsureSuccessStatusCode();
            await Status("fulfilled");
            await payer.Post($"/v1/purchases/{purchase}/refunds", new { reason = Marked("refund reason") });
            await Status("refunded");

            Task Status(string status) => WorkerUnderTest.Until(async () => (await payer.Get($"/v1/purchases/{purchase}"))["status"]!.GetValue<string>() == status, $"the purchase is {status}");
        }

        async Task Chat(Person one, Person other)
        {
            await using var client = new ChatClient(one, () => Platform.Url);
            var group = Id(await one.Post("/v1/conversations", new { kind = "group", title = Marked("group title"), memberIds = new[] { other.Id } }));
            await WorkerUnderTest.Until(async () => (await one.Get($"/v1/conversations/{group}"))["memberCount"]!.GetValue<int>() == 2, "both are in the group");
            var message = Guid.CreateVersion7();
            await client.Send(group, message, Marked("chat text"), Ct);
            await WorkerUnderTest.Until(async () => await client.CatchUp(group, Ct) >= 1 && client.Log(group).Any(e => e.RecordId == message), "the message is in the log");
            await client.Edit(group, Guid.CreateVersion7(), message, Marked("edited text"), Ct);
            await other.Post($"/v1/conversations/{group}/messages", new { text = Marked("chat text by HTTP") });
            await other.Post($"/v1/conversations/{group}/messages/{message}/reports", new { reason = Marked("report reason") });
            await client.Read(group, 2, Ct);
            using var tooLong = await other.Send(HttpMethod.Post, $"/v1/conversations/{group}/messages", new { text = Marked("long text") + new string('x', 20_000) });
            ((int)tooLong.StatusCode).ShouldBeInRange(400, 499);
        }

        string Marked(string what) => secrets[what] = $"{what.Replace(" ", "", StringComparison.Ordinal)}{Guid.NewGuid():N}";
    }

    /// <summary>A published course with an article and a quiz.</summary>
    internal static async Task<(Guid Course, Guid Article, Guid Quiz)> Course(Person tutor, object? price)
    {
        var course = Id(await tutor.Post("/v1/courses", new
        {
            title = "Understanding moss",
            summary = "A short course.",
            descriptionHtml = "<p>What it is about.</p>",
            language = "en",
            level = "beginner",
            subjects = new[] { "biology" },
            prerequisites = Array.Empty<Guid>(),
            price,
        }));
        var section = Id(await tutor.Post($"/v1/courses/{course}/sections", new { title = "Light" }));
        var article = Id(await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("What leaves do")));
        var quiz = Id(await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Quiz("Did it stick?")));
        await tutor.Post($"/v1/courses/{course}/publish");
        return (course, article, quiz);
    }

    /// <summary>Enrols, reads, answers, and waits for the certificate.</summary>
    internal static async Task Learn(Person student, Guid course, Guid article, Guid quiz)
    {
        await student.Post($"/v1/courses/{course}/enrolment");
        await student.Post($"/v1/courses/{course}/lessons/{article}/complete");
        await student.Get($"/v1/courses/{course}/lessons/{quiz}");
        var attempt = Id(await student.Post($"/v1/courses/{course}/lessons/{quiz}/attempts"));
        var questions = (await student.Get($"/v1/attempts/{attempt}"))["questions"]!.AsArray();
        await student.Post($"/v1/attempts/{attempt}/submission", new
        {
            answers = questions.Select(q => q!["kind"]!.GetValue<string>() == "single"
                ? (object)new { questionId = q["questionId"]!.GetValue<Guid>(), choices = new[] { "b" } }
                : new { questionId = q["questionId"]!.GetValue<Guid>(), number = 8 }).ToArray(),
        });
        await WorkerUnderTest.Until(
            async () => (await student.Get("/v1/me/certificates"))["items"]!.AsArray().Any(c => c!["courseId"]!.GetValue<Guid>() == course), "the certificate is issued");
    }

    /// <summary>Logs of the servers, where they run beside us (ops/stack without a container engine).</summary>
    static IEnumerable<string> ServerLogs()
    {
        if (Environment.GetEnvironmentVariable("EDTECH_STATE_DIR") is not { Length: > 0 } state) return [];
        return new[] { "log", "postgres", "rabbitmq/log" }.Select(f => Path.Combine(state, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.log")).Where(f => Path.GetFileName(f) is not ("platform.log" or "simulator.log" or "agora.log"));
    }

    static string ReadFrom(string file, long offset)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Min(offset, stream.Length);
        return new StreamReader(stream).ReadToEnd();
    }

    static bool Holds(string line, string secret)
        => line.Contains(secret, StringComparison.OrdinalIgnoreCase) || line.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase);

    static string Around(string line, string secret)
    {
        var at = Math.Max(0, line.IndexOf(secret, StringComparison.OrdinalIgnoreCase) - 300);
        return line.Substring(at, Math.Min(700, line.Length - at));
    }

    static bool Scoped(JsonNode line, string name) => line["Scopes"] is JsonArray scopes && scopes.Any(s => s is JsonObject scope && scope.ContainsKey(name));

    static Guid Id(JsonNode done) => done["id"]!.GetValue<Guid>();
}
