using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EdTech.Payments;

/// <summary>The caller's own balances, one for each currency in which something was ever earned or is held.</summary>
static class GetEarnings
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/me/earnings", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, IConfiguration configuration, TimeProvider time, CancellationToken ct)
    {
        var tutor = http.Actor().Id;
        await using var connection = await db.OpenConnectionAsync(ct);
        var held = await Held(connection, tutor, ct);
        var enabled = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT payouts_enabled FROM payments.tutor_account WHERE tutor_id = @tutor", new { tutor }, cancellationToken: ct));
        var paidOut = (await connection.QueryAsync<(string Currency, long Amount)>(new CommandDefinition(
            """
            SELECT b.currency, COALESCE(sum(p.amount_minor), 0)::bigint
            FROM (SELECT DISTINCT currency FROM payments.balance WHERE account IN ('tutor', 'connected') AND owner_id = @tutor) b
            LEFT JOIN payments.payout p ON p.tutor_id = @tutor AND p.currency = b.currency AND p.status IN ('sent', 'paid')
            GROUP BY b.currency
            """, new { tutor }, cancellationToken: ct))).ToDictionary(r => r.Currency, r => r.Amount, StringComparer.Ordinal);

        var percent = PayoutReserve.Percent(configuration);
        var balances = new List<BalanceView>();
        foreach (var currency in held.Keys.Union(paidOut.Keys).Order(StringComparer.Ordinal))
        {
            var funds = await TutorFunds.Read(connection, tutor, currency, time.GetUtcNow());
            Money Of(long minorUnits) => new(minorUnits, currency);
            balances.Add(new(
                currency,
                Of(held.GetValueOrDefault(currency)),
                Of(funds.Balance),
                Of(funds.Connected),
                Of(Math.Clamp(funds.Balance, 0, funds.Reserve(percent, currency))),
                Of(enabled ? funds.Payable(percent, currency) : 0),
                Of(paidOut.GetValueOrDefault(currency))));
        }

        return TypedResults.Ok(new EarningsView(balances));
    }

    /// <summary>The tutor's share of what was paid and not delivered. Only the fold knows how fee and share round, and only open purchases hold anything.</summary>
    static async Task<Dictionary<string, long>> Held(NpgsqlConnection connection, Guid tutor, CancellationToken ct)
    {
        var held = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var state in connection.QueryUnbufferedAsync<string>(
            """
            SELECT state::text
            FROM payments.purchase
            WHERE tutor_id = @tutor AND status IN ('paid', 'disputed')
            """, new { tutor }).WithCancellation(ct))
        {
            var purchase = PurchaseStream.Read(state);
            held[purchase.Currency] = held.GetValueOrDefault(purchase.Currency) + PurchaseMoney.TutorShare(purchase) - PurchaseMoney.Released(purchase);
        }

        return held;
    }
}
