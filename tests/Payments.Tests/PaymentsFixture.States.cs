using System.Net;
using System.Net.Http.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Payments.Tests;

/// <summary>Something for sale.</summary>
public sealed record Item(PurchaseKind Kind, Guid Id, Actor Tutor, Money Price);

/// <summary>A purchase as a test begins with it.</summary>
public sealed record TestPurchase(Guid Id, Actor Payer, Item Item);

public sealed partial class PaymentsFixture
{
    /// <summary>A published course that costs something, known to payments.</summary>
    public async Task<Item> Course(long minorUnits = 10_000, string currency = "EUR", Actor? tutor = null)
    {
        var by = tutor ?? Tutor();
        var id = Guid.CreateVersion7();
        var price = new Money(minorUnits, currency);
        await Worker.Done(new CreateCourse(by, id, new("Fractions without fear", "Halves and thirds.", "<p>For everybody.</p>", "en", "beginner", ["mathematics"], price, [])));
        var lesson = new LessonDraft(LessonKind.Article, "What a half is", 10, false, new("<p>Two of them make one.</p>", null, null, null, null));
        var edit = await Worker.Done(new AddLessons(by, id, Guid.CreateVersion7(), "The first steps", [new NewLesson(Guid.CreateVersion7(), lesson)]));
        await Worker.Done(new PublishCourse(by, id, edit.Version));
        await Until("SELECT EXISTS (SELECT 1 FROM payments.course_offer WHERE course_id = @id)", new { id }, "payments knows the course");
        return new(PurchaseKind.Course, id, by, price);
    }

    /// <summary>A package of lessons.</summary>
    public async Task<Item> Lessons(int lessons = 10, long minorUnits = 10_000, string currency = "EUR", Actor? tutor = null)
    {
        var by = tutor ?? Tutor();
        var id = Guid.CreateVersion7();
        await Worker.Done(new OfferLessons(by, id, "Conversation", lessons, new Money(minorUnits, currency)));
        return new(PurchaseKind.Lessons, id, by, new Money(minorUnits, currency));
    }

    public async Task<QuoteView> Quote(Item item, Actor payer, string? coupon = null)
    {
        var quote = Guid.CreateVersion7();
        await Worker.Done(new QuotePurchase(payer, quote, item.Kind, item.Id, coupon));
        using var api = Worker.Api(payer);
        return (await api.GetFromJsonAsync<QuoteView>($"/internal/payments/quotes/{quote}"))!;
    }

    public static ICommand Buy(Actor payer, Guid purchaseId, QuoteView quote)
        => quote.Kind == PurchaseKind.Course ? new PurchaseCourse(payer, purchaseId, quote.QuoteId) : new PayLesson(payer, purchaseId, quote.QuoteId);

    /// <summary>Accepted and waiting for its payer.</summary>
    public async Task<TestPurchase> Started(Item? item = null, Actor? payer = null, string? coupon = null)
    {
        item ??= await Course();
        payer ??= Student();
        var purchase = Guid.CreateVersion7();
        await Worker.Done(Buy(payer, purchase, await Quote(item, payer, coupon)));
        return new(purchase, payer, item);
    }

    /// <summary>Paid, and a course's learner enrolled.</summary>
    public async Task<TestPurchase> Paid(Item? item = null, Actor? payer = null, string card = "pm_card_visa")
    {
        var purchase = await Started(item, payer);
        await Confirm(purchase, card);
        await Status(purchase, purchase.Item.Kind == PurchaseKind.Course ? PurchaseStatus.Fulfilled : PurchaseStatus.Paid);
        return purchase;
    }

    /// <summary>Pays as the payer's browser does: with the publishable key and the payment's own secret, at Stripe.</summary>
    /// <returns>Stripe's answer.</returns>
    public async Task<HttpResponseMessage> Confirm(TestPurchase purchase, string card)
    {
        var payment = await Payment(purchase);
        var intent = IntentOf(payment);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payment_intents/{intent}/confirm")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["client_secret"] = payment.ClientSecret!,
                ["payment_method"] = card,
                ["return_url"] = "https://shop.example/return",
            }),
        };
        request.Headers.Authorization = new("Bearer", payment.PublishableKey);
        return await Stripe.SendAsync(request);
    }

    /// <summary>What the browser is told, once the payment is open at Stripe.</summary>
    public async Task<PaymentView> Payment(TestPurchase purchase)
    {
        using var api = Worker.Api(purchase.Payer);
        PaymentView? payment = null;
        await WorkerUnderTest.Until(
            async () =>
            {
                using var answer = await api.GetAsync(new Uri($"/internal/payments/purchases/{purchase.Id}/payment", UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK)
                    payment = await answer.Content.ReadFromJsonAsync<PaymentView>();
                return payment is not null;
            },
            $"the payment of {purchase.Id} is open");
        return payment!;
    }

    public static string IntentOf(PaymentView payment) => payment.ClientSecret![..payment.ClientSecret!.IndexOf("_secret", StringComparison.Ordinal)];

    public async Task<PurchaseView> View(TestPurchase purchase, Actor? by = null)
    {
        using var api = Worker.Api(by ?? purchase.Payer);
        return (await api.GetFromJsonAsync<PurchaseView>($"/internal/payments/purchases/{purchase.Id}"))!;
    }

    public async Task<PurchaseView> Status(TestPurchase purchase, PurchaseStatus status)
    {
        PurchaseView? view = null;
        await WorkerUnderTest.Until(
            async () => (view = await View(purchase)).Status == status,
            $"purchase {purchase.Id} is {status} (it is {view?.Status})");
        return view!;
    }

    public Task Until(string sql, object parameters, string what)
        => WorkerUnderTest.Until(
            async () =>
            {
                await using var connection = await Worker.Db.OpenConnectionAsync();
                return await connection.ExecuteScalarAsync<bool>(sql, parameters);
            },
            what);

    public async Task<T?> Read<T>(string sql, object? parameters = null)
    {
        await using var connection = await Worker.Db.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    /// <summary>What the books say of an account, in everyday signs: what is owed or earned is positive.</summary>
    public async Task<long> Balance(string account, Guid owner, string currency = "EUR")
        => await Read<long>(
            "SELECT COALESCE(sum(balance_minor), 0)::bigint FROM payments.balance WHERE account = @account AND owner_id = @owner AND currency = @currency",
            new { account, owner, currency }) * (account is Accounts.Tutor or Accounts.Held or Accounts.PlatformFees ? -1 : 1);

    /// <summary>What a purchase has moved on an account.</summary>
    public async Task<long> Moved(TestPurchase purchase, string account)
        => await Read<long>(
            "SELECT COALESCE(sum(amount_minor), 0)::bigint FROM payments.posting JOIN payments.posting_set USING (posting_set_id) WHERE purchase_id = @Id AND account = @account",
            new { purchase.Id, account }) * (account is Accounts.Tutor or Accounts.Held or Accounts.PlatformFees ? -1 : 1);

    /// <summary>Whether Learning has the payer in the course.</summary>
    public async Task<bool> Enrolled(TestPurchase purchase)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_learning!.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Infrastructure.Setting("EDTECH_INTERNAL_KEY"));
        client.DefaultRequestHeaders.Add(Hosting.InternalApi.ActorHeader, purchase.Payer.Id.ToString());
        client.DefaultRequestHeaders.Add(Hosting.InternalApi.PermissionsHeader, "learn");
        var mine = await client.GetFromJsonAsync<Page<EnrolmentView>>("/internal/learning/me/enrolments");
        return mine!.Items.Any(e => e.CourseId == purchase.Item.Id);
    }

    /// <summary>A local message, as the clock or a webhook sends it.</summary>
    public Task SendLocal(object message)
        => Worker.Host.Services.GetRequiredService<Hosting.ITransactionalSession>().Run(context => context.SendLocal(message), CancellationToken.None);

    internal Task InTransaction(Func<Hosting.IMessageHandlerContext, Task> work)
        => Worker.Host.Services.GetRequiredService<Hosting.ITransactionalSession>().Run(work, CancellationToken.None);

    /// <summary>A command of the simulator's own: <c>/simulator/...</c>.</summary>
    public async Task<System.Text.Json.JsonElement> Simulate(string path, object? body = null)
    {
        using var answer = await Stripe.PostAsJsonAsync($"/simulator/{path}", body ?? new { });
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? text.Length == 0 ? default : System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(text)
            : throw new HttpRequestException($"POST /simulator/{path} answered {(int)answer.StatusCode}: {text}");
    }
}
