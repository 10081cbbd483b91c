using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator;

/// <summary>Counts and sums for checkers: what was captured, refunded, moved, and what every account has.</summary>
static class SimulatorTotals
{
    public static JsonObject Of(Simulation simulation)
    {
        var totals = new JsonObject
        {
            ["now"] = simulation.Now,
            ["payment_intents"] = Count(simulation.PaymentIntents.All, intent => intent.Status, intent => intent.Currency, intent => intent.Amount),
            ["charges"] = Count(simulation.Charges.All.Where(charge => charge.Owner is null), charge => charge.Status, charge => charge.Currency, charge => charge.Amount),
            ["refunds"] = Count(simulation.Refunds.All.Where(refund => refund.Owner is null), refund => refund.Status, refund => refund.Currency, refund => refund.Amount),
            ["transfers"] = Count(simulation.Transfers.All, transfer => transfer.Reversed ? "reversed" : transfer.AmountReversed > 0 ? "partly_reversed" : "made", transfer => transfer.Currency, transfer => transfer.Amount),
            ["reversals"] = Count(simulation.TransferReversals.All, _ => "made", reversal => reversal.Currency, reversal => reversal.Amount),
            ["payouts"] = Count(simulation.Payouts.All, payout => payout.Status, payout => payout.Currency, payout => payout.Amount),
            ["disputes"] = Count(simulation.Disputes.All, dispute => dispute.Status, dispute => dispute.Currency, dispute => dispute.Amount),
            ["balance_transactions"] = Count(simulation.BalanceTransactions.All.Where(transaction => transaction.Owner is null), transaction => transaction.Type, transaction => transaction.Currency, transaction => transaction.Net),
            ["fees"] = Count(simulation.BalanceTransactions.All.Where(transaction => transaction.Owner is null && transaction.Fee != 0), transaction => transaction.Type, transaction => transaction.Currency, transaction => transaction.Fee),
            ["events"] = simulation.Events.All.Count,
        };
        var balances = new JsonArray();
        foreach (var (owner, currency, available, pending) in simulation.Balances.All.OrderBy(entry => entry.Owner, StringComparer.Ordinal).ThenBy(entry => entry.Currency, StringComparer.Ordinal))
        {
            balances.Add(new JsonObject { ["account"] = owner.Length == 0 ? null : owner, ["currency"] = currency, ["available"] = available, ["pending"] = pending });
        }

        totals["balances"] = balances;
        return totals;
    }

    /// <summary>status → currency → count and sum.</summary>
    static JsonObject Count<T>(IEnumerable<T> entries, Func<T, string> status, Func<T, string> currency, Func<T, long> amount)
    {
        var totals = new JsonObject();
        foreach (var byStatus in entries.GroupBy(status).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var currencies = new JsonObject();
            foreach (var byCurrency in byStatus.GroupBy(currency).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                currencies[byCurrency.Key] = new JsonObject { ["count"] = byCurrency.Count(), ["sum"] = byCurrency.Sum(amount) };
            }

            totals[byStatus.Key] = currencies;
        }

        return totals;
    }
}
