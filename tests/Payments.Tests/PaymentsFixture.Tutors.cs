using System.Net.Http.Headers;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Payments;

namespace EdTech.Payments.Tests;

public sealed partial class PaymentsFixture
{
    /// <summary>A tutor whose account at Stripe is open and verified.</summary>
    /// <param name="tutor">Who; null for somebody new.</param>
    /// <param name="bankFailure">How the tutor's bank refuses payouts: <c>accountClosed</c>; null for one that takes them.</param>
    public async Task<Actor> Verified(Actor? tutor = null, string? bankFailure = null)
    {
        tutor ??= Tutor();
        var account = await Opened(tutor);
        await FillInForm(account, bankFailure);
        await Enabled(tutor, true);
        return tutor;
    }

    /// <summary>Opens an account at Stripe; its form is not filled in.</summary>
    /// <returns>Stripe's id of it.</returns>
    public async Task<string> Opened(Actor tutor, string country = "DE")
    {
        await Worker.Done(new OnboardTutor(tutor, country));
        await Until("SELECT EXISTS (SELECT 1 FROM payments.tutor_account WHERE tutor_id = @Id AND stripe_account_id IS NOT NULL)", new { tutor.Id }, $"the account of {tutor.Id} is open");
        return await AccountOf(tutor);
    }

    public async Task<string> AccountOf(Actor tutor) => (await Read<string>("SELECT stripe_account_id FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id }))!;

    public async Task FillInForm(string account, string? bankFailure = null)
    {
        using var answer = await Stripe.PostAsync(new Uri($"/connect/onboarding/{account}/complete{(bankFailure is null ? "" : $"?bank={bankFailure}")}", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Stripe asks for more documents and pays nothing out meanwhile.</summary>
    public async Task Restrict(string account)
    {
        using var answer = await Stripe.PostAsync(new Uri($"/connect/onboarding/{account}/restrict", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    public Task Enabled(Actor tutor, bool enabled)
        => Until("SELECT payouts_enabled = @enabled FROM payments.tutor_account WHERE tutor_id = @Id", new { tutor.Id, enabled }, $"payouts to {tutor.Id} are enabled: {enabled}");

    /// <summary>Waits until the books have this much in the tutor's own account.</summary>
    public Task AtStripe(Actor tutor, long amount, string currency = "EUR")
        => Until(
            "SELECT COALESCE((SELECT sum(balance_minor) FROM payments.balance WHERE account = 'connected' AND owner_id = @Id AND currency = @currency), 0) = @amount",
            new { tutor.Id, currency, amount }, $"{amount} {currency} of {tutor.Id} lie at Stripe");

    /// <summary>What Stripe itself says, with the platform's key.</summary>
    public async Task<JsonElement> Ask(string path, string? account = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_payments");
        if (account is not null)
            request.Headers.Add("Stripe-Account", account);
        using var answer = await Stripe.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The transfers that Stripe has made out of a purchase.</summary>
    public async Task<IReadOnlyList<JsonElement>> Transfers(TestPurchase purchase)
        => [.. (await Ask($"/v1/transfers?transfer_group={purchase.Id}&limit=100")).GetProperty("data").EnumerateArray()];

    /// <summary>What Stripe has in an account, arrived or not.</summary>
    public async Task<long> HeldByStripe(string account, string currency = "eur")
    {
        var balance = await Ask("/v1/balance", account);
        return new[] { "available", "pending" }
            .SelectMany(part => balance.GetProperty(part).EnumerateArray())
            .Where(sum => sum.GetProperty("currency").GetString() == currency)
            .Sum(sum => sum.GetProperty("amount").GetInt64());
    }
}
