using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

/// <summary>Servers' corner of its own: a day is compared as a whole, and no other test may move Stripe's clock meanwhile.</summary>
public sealed class ReconciliationTests : IAsyncLifetime
{
    readonly PaymentsFixture _payments = new();

    public ValueTask InitializeAsync() => _payments.InitializeAsync();

    public ValueTask DisposeAsync() => _payments.DisposeAsync();

    [Fact]
    public async Task Every_movement_at_Stripe_is_in_the_ledger_and_what_is_not_is_on_somebodys_desk()
    {
        await _payments.Paid();
        var refunded = await _payments.Paid();
        await _payments.Worker.Done(new RefundPurchase(PaymentsFixture.Support(), refunded.Id, Guid.CreateVersion7(), 4_000, "late"));
        await _payments.Worker.Event<PurchaseRefunded>(e => e.PurchaseId == refunded.Id);
        var disputed = await _payments.Started(await _payments.Course(5_000, "JPY"));
        using var confirmed = await _payments.Confirm(disputed, "pm_card_createDispute");
        var dispute = await _payments.Worker.Event<DisputeOpened>(e => e.PurchaseId == disputed.Id);
        await _payments.Simulate($"disputes/{dispute.DisputeId}/decide", new { outcome = "won" });
        await _payments.Worker.Event<DisputeClosed>(e => e.DisputeId == dispute.DisputeId);

        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        (await Compared(today)).ShouldBe(0);
        (await _payments.Read<bool>("SELECT bool_and(stripe_minor = ledger_minor) AND count(*) = 2 FROM payments.reconciliation")).ShouldBeTrue();

        // Money that came to Stripe past us, and a posting without anything at Stripe.
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/v1/payment_intents")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["amount"] = "700", ["currency"] = "eur", ["payment_method"] = "pm_card_visa", ["confirm"] = "true", ["return_url"] = "https://shop.example/return", ["automatic_payment_methods[enabled]"] = "true",
            }),
        };
        foreign.Headers.Authorization = new("Bearer", "sk_test_payments");
        using var charged = await _payments.Stripe.SendAsync(foreign);
        charged.IsSuccessStatusCode.ShouldBeTrue(await charged.Content.ReadAsStringAsync());
        await _payments.InTransaction(context => context.Post($"transfer/{Guid.NewGuid()}", "transfer", null, "EUR", [new(Accounts.Connected, Guid.NewGuid(), 123), new(Accounts.Stripe, Accounts.Platform, -123)]));

        (await Compared(today)).ShouldBe(2);
        (await _payments.Read<long>("SELECT count(*) FROM payments.exception WHERE kind = 'missing_in_ledger' AND reference LIKE 'ch\\_%/in'")).ShouldBe(1);
        (await _payments.Read<long>("SELECT count(*) FROM payments.exception WHERE kind = 'missing_at_stripe' AND reference LIKE 'transfer/%/out'")).ShouldBe(1);

        // Again is the same two entries.
        (await Compared(today)).ShouldBe(2);
    }

    async Task<long> Compared(DateOnly day)
    {
        var before = await _payments.Read<DateTime?>("SELECT max(ran_at) FROM payments.reconciliation") ?? DateTime.MinValue;
        await _payments.Worker.Done(new ReconcileDay(PaymentsFixture.Admin(), day));
        await _payments.Until("SELECT COALESCE(max(ran_at) > @before, false) FROM payments.reconciliation", new { before = DateTime.SpecifyKind(before, DateTimeKind.Utc) }, "the day is compared");
        return await _payments.Read<long>("SELECT count(*) FROM payments.exception WHERE kind IN ('missing_in_ledger', 'missing_at_stripe', 'amount_differs')");
    }
}
