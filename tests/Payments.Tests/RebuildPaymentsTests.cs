using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

/// <summary>Books of its own: what it breaks nobody else may read.</summary>
public sealed class RebuildPaymentsTests : IAsyncLifetime
{
    readonly PaymentsFixture _payments = new();

    public ValueTask InitializeAsync() => _payments.InitializeAsync();

    public ValueTask DisposeAsync() => _payments.DisposeAsync();

    [Fact]
    public async Task Purchases_and_balances_are_what_their_events_and_postings_make_of_them()
    {
        var purchase = await _payments.Paid();
        await _payments.Worker.Done(new RefundPurchase(PaymentsFixture.Support(), purchase.Id, Guid.CreateVersion7(), 2_500, "late"));
        await _payments.Worker.Event<PurchaseRefunded>(e => e.PurchaseId == purchase.Id);
        var lessons = await _payments.Paid(await _payments.Lessons(3, 9_000));
        await _payments.Worker.Done(new ConfirmLesson(lessons.Payer, lessons.Id, 1));

        var equal = await Rebuild();
        equal.Differences.ShouldBe(0);
        equal.Purchases.ShouldBe(2);
        equal.Postings.ShouldBeGreaterThan(10);

        // Somebody meddles with what is only derived.
        await using var connection = await _payments.Worker.Db.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            UPDATE payments.purchase SET status = 'paid', captured_minor = 1 WHERE purchase_id = @Id;
            UPDATE payments.balance SET balance_minor = balance_minor + 7 WHERE account = 'tutor' AND owner_id = @tutor;
            DELETE FROM payments.balance WHERE account = 'held' AND owner_id = @payer;
            """, new { purchase.Id, tutor = purchase.Item.Tutor.Id, payer = lessons.Payer.Id });

        (await Rebuild()).Differences.ShouldBe(3);

        (await Rebuild()).Differences.ShouldBe(0);
        (await _payments.View(purchase)).Status.ShouldBe(PurchaseStatus.Fulfilled);
        (await _payments.Balance(Accounts.Tutor, purchase.Item.Tutor.Id)).ShouldBe(6_000);
        (await _payments.Balance(Accounts.Held, lessons.Payer.Id)).ShouldBe(6_600);
        (await _payments.Worker.Refused(new RebuildPayments(PaymentsFixture.Support()))).Kind.ShouldBe(RefusalKind.Forbidden);
    }

    async Task<RebuildOutcome> Rebuild() => (await _payments.Worker.Ask(new RebuildPayments(PaymentsFixture.Admin()))).ShouldBeOfType<RebuildOutcome>();
}
