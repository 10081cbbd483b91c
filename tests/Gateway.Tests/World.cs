using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

/// <summary>What one person owns: a published course with an article and a quiz, an enrolment in it with an open attempt, a path. Made over the bus, whatever the gateway's operations do.</summary>
public sealed record World(Person Owner, IReadOnlyDictionary<string, string> Ids)
{
    static readonly string[] AllPermissions = ["learn", "courses.author", "courses.publish", "paths.author"];

    /// <param name="fixture">The platform.</param>
    /// <param name="owner">Whose things they are.</param>
    /// <param name="operation">For what: a certificate, or a published path, is made only for operations on such.</param>
    public static async Task<World> Create(GatewayFixture fixture, Person owner, ApiOperation? operation = null)
    {
        var by = new Actor(owner.AccountId, AllPermissions);
        Guid course = Guid.CreateVersion7(), section = Guid.CreateVersion7(), article = Guid.CreateVersion7(), quiz = Guid.CreateVersion7(), attempt = Guid.CreateVersion7(), path = Guid.CreateVersion7();
        var question = new Question(Guid.CreateVersion7(), QuestionKind.Single, "<p>Which is larger?</p>", 1, false, [new Choice("a", "1/2", true, null, null), new Choice("b", "1/3", false, null, null)], null, null, null, []);
        await Send(fixture, new CreateCourse(by, course, new CourseDetails("Fractions without fear", "Halves and thirds.", "<p>For everybody.</p>", "en", "beginner", ["mathematics"], null, [])));
        await Send(fixture, new AddLessons(by, course, section, "The first steps",
        [
            new(article, new LessonDraft(LessonKind.Article, "What a half is", 10, false, new LessonContent("<p>Two of them make one.</p>", null, null, null, null))),
            new(quiz, new LessonDraft(LessonKind.Quiz, "Try yourself", 5, false, new LessonContent(null, null, new QuizContent(50, null, null, false, [question]), null, null))),
        ]));
        await Send(fixture, new PublishCourse(by, course, null));
        await Send(fixture, new Enrol(by, Guid.CreateVersion7(), course));
        await Send(fixture, new StartQuizAttempt(by, attempt, course, quiz));
        await Send(fixture, new CreatePath(by, path, "All of arithmetic", "From halves to thirds.", [new PathStep(course, [])]));
        if (operation?.Path.Contains("following", StringComparison.Ordinal) is true) await Send(fixture, new PublishPath(by, path, null));
        var certificate = operation?.PathParameters.Contains("certificateId") is true ? await Certificate(fixture, owner, by) : Guid.CreateVersion7().ToString();
        var shop = operation is not null && Sells(operation) ? await Shop(fixture, owner, by) : [];
        var talk = operation is not null && Talks(operation) ? await Talk(fixture, owner, by) : [];
        var live = operation is not null && Teaches(operation) ? await Live(fixture, by, operation) : [];
        return new World(owner, new Dictionary<string, string>(shop.Concat(talk).Concat(live), StringComparer.OrdinalIgnoreCase)
        {
            ["lesson"] = "1",
            ["disputeId"] = "dp_none",
            ["exceptionId"] = Guid.CreateVersion7().ToString(),
            ["year"] = "2026",
            ["month"] = "11",
            ["certificateId"] = certificate,
            ["list"] = "1",
            ["slug"] = "no-such-course",
            ["courseId"] = course.ToString(),
            ["sectionId"] = section.ToString(),
            ["lessonId"] = article.ToString(),
            ["quizId"] = quiz.ToString(),
            ["questionId"] = question.QuestionId.ToString(),
            ["attemptId"] = attempt.ToString(),
            ["pathId"] = path.ToString(),
            ["accountId"] = owner.AccountId.ToString(),
            ["sessionId"] = owner.SessionId.ToString(),
            ["role"] = "tutor",
            ["emoji"] = "%F0%9F%91%8D",
            ["anonymousId"] = Guid.CreateVersion7().ToString(),
            ["recordingId"] = Guid.CreateVersion7().ToString(),
            ["reportId"] = Guid.CreateVersion7().ToString(),
            ["provider"] = "google",
        });
    }

    /// <summary>The operation's address with the ids of this world; what the world does not have is a new id.</summary>
    public string AddressOf(ApiOperation operation)
    {
        var address = operation.Path;
        foreach (var name in operation.PathParameters) address = address.Replace($"{{{name}}}", IdFor(operation, name), StringComparison.Ordinal);
        return address;
    }

    public string IdFor(ApiOperation operation, string parameter)
        => parameter == "accountId" && operation.Path.Contains("blocks", StringComparison.Ordinal) ? Ids["friendId"]
            : parameter == "accountId" && Teaches(operation) ? Ids["studentId"]
            : parameter == "sessionId" && Teaches(operation) ? Ids["liveSessionId"]
            : parameter == "lessonId" && operation.Path.Contains("attempt", StringComparison.Ordinal) ? Ids["quizId"]
            : Ids.TryGetValue(parameter, out var id) ? id : Guid.CreateVersion7().ToString();

    static bool Sells(ApiOperation operation) => new[] { "quotes", "purchases", "lesson-offers", "coupons" }.Any(w => operation.Path.Contains(w, StringComparison.Ordinal));

    static bool Talks(ApiOperation operation) => new[] { "conversations", "blocks" }.Any(w => operation.Path.Contains(w, StringComparison.Ordinal));

    static bool Teaches(ApiOperation operation) => operation.Path.Contains("lesson-sessions", StringComparison.Ordinal);

    /// <summary>A live lesson of the owner that a student has come to, who agrees to be recorded; for what comes before that, one that is planned.</summary>
    static async Task<Dictionary<string, string>> Live(GatewayFixture fixture, Actor by, ApiOperation operation)
    {
        var (person, session) = (await fixture.SignUp("student"), Guid.CreateVersion7());
        var student = new Actor(person.AccountId, ["learn"]);
        await Send(fixture, new ScheduleSession(by, session, "Fractions, live", null, DateTimeOffset.UtcNow, 60, [student.Id]));
        if (!operation.Path.EndsWith("/cancellation", StringComparison.Ordinal))
        {
            await Send(fixture, new OpenSession(by, session));
            await Send(fixture, new JoinSession(by, session));
            await Send(fixture, new JoinSession(student, session));
            await Send(fixture, new ConsentToRecording(student, session, true));
        }

        return new() { ["studentId"] = student.Id.ToString(), ["liveSessionId"] = session.ToString() };
    }

    /// <summary>A friend, and a group of the two that the owner moderates and has written to.</summary>
    static async Task<Dictionary<string, string>> Talk(GatewayFixture fixture, Person owner, Actor by)
    {
        var (friend, group, message) = (await fixture.SignUp("student"), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Send(fixture, new OpenConversation(by, group, ConversationKind.Group, "Fractions", [friend.AccountId]));
        (await Http(fixture, owner, HttpMethod.Post, $"/v1/conversations/{group}/messages", new { messageId = message, text = "Is a half more than a third?" })).ShouldBe(HttpStatusCode.Accepted);
        await WorkerUnderTest.Until(async () => await Http(fixture, owner, HttpMethod.Get, $"/v1/conversations/{group}/messages/{message}") == HttpStatusCode.OK, "the message is stored");
        return new()
        {
            ["friendId"] = friend.AccountId.ToString(),
            ["conversationId"] = group.ToString(),
            ["messageId"] = message.ToString(),
        };
    }

    /// <summary>What the owner sells and buys: an offer and a coupon of one's own, and of somebody else's lessons an open quote and a purchase that waits for its payment.</summary>
    static async Task<Dictionary<string, string>> Shop(GatewayFixture fixture, Person owner, Actor by)
    {
        Guid own = Guid.CreateVersion7(), coupon = Guid.CreateVersion7(), other = Guid.CreateVersion7(), quote = Guid.CreateVersion7(), accepted = Guid.CreateVersion7(), purchase = Guid.CreateVersion7();
        await Send(fixture, new OfferLessons(by, own, "Fractions, one hour", 1, new Money(3_000, "EUR")));
        await Send(fixture, new CreateCoupon(by, coupon, $"C{coupon:N}"[..20], false, 10, null, 10, DateTimeOffset.UtcNow.AddDays(30)));
        await Send(fixture, new OfferLessons(new Actor(Guid.CreateVersion7(), AllPermissions), other, "Five lessons of algebra", 5, new Money(10_000, "EUR")));
        await Send(fixture, new QuotePurchase(by, quote, PurchaseKind.Lessons, other, null));
        await Send(fixture, new QuotePurchase(by, accepted, PurchaseKind.Lessons, other, null));
        await Send(fixture, new PayLesson(by, purchase, accepted));
        await WorkerUnderTest.Until(async () => await Http(fixture, owner, HttpMethod.Get, $"/v1/purchases/{purchase}/payment") == HttpStatusCode.OK, "the payment is open at Stripe");
        return new()
        {
            ["offerId"] = own.ToString(),
            ["couponId"] = coupon.ToString(),
            ["otherOfferId"] = other.ToString(),
            ["quoteId"] = quote.ToString(),
            ["purchaseId"] = purchase.ToString(),
        };
    }

    /// <summary>A course of one article, studied to its end.</summary>
    static async Task<string> Certificate(GatewayFixture fixture, Person owner, Actor by)
    {
        Guid course = Guid.CreateVersion7(), lesson = Guid.CreateVersion7();
        await Send(fixture, new CreateCourse(by, course, new CourseDetails("Halves", "Only halves.", "<p>For everybody.</p>", "en", "beginner", ["mathematics"], null, [])));
        await Send(fixture, new AddLessons(by, course, Guid.CreateVersion7(), "All of it", [new(lesson, new LessonDraft(LessonKind.Article, "What a half is", 10, false, new LessonContent("<p>Two of them make one.</p>", null, null, null, null)))]));
        await Send(fixture, new PublishCourse(by, course, null));
        await Send(fixture, new Enrol(by, Guid.CreateVersion7(), course));
        await Send(fixture, new CompleteLesson(by, course, lesson));
        string? certificate = null;
        await WorkerUnderTest.Until(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/me/certificates", UriKind.Relative));
            request.Headers.Authorization = owner.Authorization;
            using var response = await fixture.Http.SendAsync(request);
            certificate = JsonNode.Parse(await response.Content.ReadAsStringAsync())?["items"]?.AsArray().Where(c => c!["courseId"]?.GetValue<Guid>() == course).Select(c => c!["certificateId"]!.GetValue<string>()).FirstOrDefault();
            return certificate is not null;
        }, "the certificate is issued");
        return certificate!;
    }

    static async Task<HttpStatusCode> Http(GatewayFixture fixture, Person by, HttpMethod method, string address, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = by.Authorization;
        using var response = await fixture.Http.SendAsync(request);
        return response.StatusCode;
    }

    public static async Task<object?> Send(GatewayFixture fixture, ICommand command)
    {
        var by = (Actor)command.GetType().GetProperty("By")!.GetValue(command)!;
        return await fixture.Service<IMessageSession>().Request(command, new RequestOptions(Guid.CreateVersion7().ToString(), TimeSpan.FromSeconds(20), by.Id)) switch
        {
            Refused refused => throw new InvalidOperationException($"{command.GetType().Name} was refused: {refused.Code}: {refused.Message}"),
            null => throw new TimeoutException($"{command.GetType().Name} was not answered."),
            var reply => reply,
        };
    }
}
