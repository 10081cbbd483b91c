using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class LedgerTests(PaymentsFixture payments)
{
    [Fact]
    public async Task A_set_that_does_not_balance_is_refused_by_the_database()
    {
        var owner = Guid.NewGuid();

        var refused = await Should.ThrowAsync<PostgresException>(() => Post("EUR", new(Accounts.Tutor, owner, -80), new(Accounts.Stripe, Accounts.Platform, 79)));

        refused.ConstraintName.ShouldBe("posting_set_balances");
        refused.MessageText.ShouldContain("-1 minor units of EUR");
        (await BalanceOf(Accounts.Tutor, owner, "EUR")).ShouldBeNull();
    }

    [Fact]
    public async Task A_movement_is_posted_once_under_its_reference()
    {
        var reference = $"test/{Guid.NewGuid()}";
        var owner = Guid.NewGuid();
        await PostUnder(reference, "EUR", new(Accounts.Tutor, owner, -80), new(Accounts.Stripe, Accounts.Platform, 80));

        var refused = await Should.ThrowAsync<PostgresException>(() => PostUnder(reference, "EUR", new(Accounts.Tutor, owner, -80), new(Accounts.Stripe, Accounts.Platform, 80)));

        refused.ConstraintName.ShouldBe("movement_is_posted_once");
        (await BalanceOf(Accounts.Tutor, owner, "EUR")).ShouldBe(-80);
    }

    [Theory]
    [InlineData("UPDATE payments.posting SET amount_minor = 0 WHERE owner_id = @owner")]
    [InlineData("DELETE FROM payments.posting WHERE owner_id = @owner")]
    [InlineData("TRUNCATE payments.posting, payments.posting_set CASCADE")]
    [InlineData("UPDATE payments.posting_set SET kind = 'other'")]
    [InlineData("DELETE FROM payments.purchase_event")]
    public async Task Nothing_that_was_posted_is_changed_or_deleted(string tampering)
    {
        var owner = Guid.NewGuid();
        await Post("EUR", new(Accounts.Tutor, owner, -80), new(Accounts.Stripe, Accounts.Platform, 80));
        await using var connection = await payments.Worker.Db.OpenConnectionAsync();

        var refused = await Should.ThrowAsync<PostgresException>(() => connection.ExecuteAsync(tampering, new { owner }));

        refused.MessageText.ShouldContain("append-only");
    }

    [Fact]
    public async Task Concurrent_sets_on_the_same_accounts_all_count()
    {
        var owner = Guid.NewGuid();

        await Parallel.ForEachAsync(Enumerable.Range(1, 100), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (amount, _)
            => await Post("SEK", new(Accounts.Tutor, owner, -amount), new(Accounts.Connected, owner, amount)));

        (await BalanceOf(Accounts.Tutor, owner, "SEK")).ShouldBe(-5_050);
        (await BalanceOf(Accounts.Connected, owner, "SEK")).ShouldBe(5_050);
    }

    [Fact]
    public async Task The_platforms_balance_is_the_sum_of_its_rows()
    {
        await Parallel.ForEachAsync(Enumerable.Range(1, 50), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _)
            => await Post("NZD", new(Accounts.PlatformFees, Accounts.Platform, -3), new(Accounts.Stripe, Accounts.Platform, 3)));

        (await BalanceOf(Accounts.Stripe, Accounts.Platform, "NZD")).ShouldBe(150);
    }

    async Task<long?> BalanceOf(string account, Guid owner, string currency)
    {
        await using var connection = await payments.Worker.Db.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long?>(
            "SELECT sum(balance_minor)::bigint FROM payments.balance WHERE account = @account AND owner_id = @owner AND currency = @currency", new { account, owner, currency });
    }

    Task Post(string currency, params Posting[] postings) => PostUnder($"test/{Guid.NewGuid()}", currency, postings);

    Task PostUnder(string reference, string currency, params Posting[] postings)
        => payments.Worker.Host.Services.GetRequiredService<ITransactionalSession>().Run(
            context => context.Post(reference, "test", null, currency, postings), CancellationToken.None);
}
