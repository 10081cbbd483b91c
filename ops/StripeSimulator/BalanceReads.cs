using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator;

static class BalanceReads
{
    public static void Map(StripeRequests api)
    {
        api.On("GET", "/v1/balance", Balance);
        api.On("GET", "/v1/balance_transactions", List, "limit starting_after ending_before created currency payout source type");
        api.On("GET", "/v1/balance_transactions/{id}", call => call.Simulation.BalanceTransactions.Find(call.Path("id"), call.Account) is { } found
            ? call.Ok(found)
            : throw StripeError.NotFound("balance transaction", call.Path("id")));
    }

    static byte[] Balance(StripeCall call)
    {
        var purses = call.Simulation.Balances.All.Where(purse => purse.Owner == (call.Account ?? "")).OrderBy(purse => purse.Currency, StringComparer.Ordinal).ToList();
        if (purses.Count == 0)
        {
            purses.Add(("", call.Account is null ? "usd" : call.Simulation.Accounts.Find(call.Account)!.DefaultCurrency, 0, 0));
        }

        var balance = new JsonObject
        {
            ["object"] = "balance",
            ["available"] = new JsonArray([.. purses.Select(purse => Entry(purse.Currency, purse.Available))]),
            ["livemode"] = false,
            ["pending"] = new JsonArray([.. purses.Select(purse => Entry(purse.Currency, purse.Pending))]),
        };
        if (call.Account is null)
        {
            balance["connect_reserved"] = new JsonArray([.. purses.Select(purse => new JsonObject { ["amount"] = 0, ["currency"] = purse.Currency })]);
        }

        return System.Text.Encoding.UTF8.GetBytes(balance.ToJsonString());

        static JsonNode Entry(string currency, long amount) => new JsonObject { ["amount"] = amount, ["currency"] = currency, ["source_types"] = new JsonObject { ["card"] = amount } };
    }

    static byte[] List(StripeCall call)
    {
        var form = call.Form;
        var (type, source, currency, payout) = (form.Text("type"), form.Text("source"), form.Text("currency"), form.Text("payout"));
        var transactions = call.Simulation.BalanceTransactions;
        var candidates = (source ?? payout) is { } id ? transactions.With(0, id) : transactions.Of(call.Account);
        return call.Page(candidates, transaction => (type is null || transaction.Type == type) && (currency is null || transaction.Currency == currency));
    }
}
