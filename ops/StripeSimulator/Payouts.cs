using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator;

sealed class Payout : StripeObject, IDated
{
    public string Object => "payout";
    public long Amount { get; set; }
    public string? ApplicationFee => null;
    public long? ApplicationFeeAmount => null;
    public long ArrivalDate { get; set; }
    public bool Automatic => false;
    public string? BalanceTransaction { get; set; }
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? Description { get; set; }
    public string? Destination { get; set; }
    public string? FailureBalanceTransaction { get; set; }
    public string? FailureCode { get; set; }
    public string? FailureMessage { get; set; }
    public bool Livemode => false;
    public Dictionary<string, string> Metadata { get; set; } = [];
    public string Method { get; set; } = "standard";
    public string? OriginalPayout => null;
    public string? PayoutMethod => null;
    public string ReconciliationStatus => "not_applicable";
    public string? ReversedBy => null;
    public string SourceType => "card";
    public string? StatementDescriptor { get; set; }
    public string Status { get; set; } = "pending";
    public JsonObject TraceId => new() { ["status"] = Status == "paid" ? "supported" : "pending", ["value"] = Status == "paid" ? $"trace{Sequence}" : null };
    public string Type => "bank_account";
}

/// <summary>Money on its way to a bank: pending, a day later in_transit, another day later paid, or failed and back in the balance.</summary>
static class Payouts
{
    const long Day = 24 * 60 * 60;

    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/payouts", Create, "amount currency description destination metadata method payout_method source_type statement_descriptor");
        api.On("GET", "/v1/payouts", List, "limit starting_after ending_before created arrival_date destination status");
        api.On("GET", "/v1/payouts/{id}", call => call.Ok(Needed(call)));
        api.On("POST", "/v1/payouts/{id}", Update, "metadata");
        api.On("POST", "/v1/payouts/{id}/cancel", Cancel);
    }

    static Payout Needed(StripeCall call) => call.Simulation.Payouts.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("payout", call.Path("id"));

    static byte[] List(StripeCall call)
    {
        var (status, destination) = (call.Form.OneOf("status", "pending", "in_transit", "paid", "failed", "canceled"), call.Form.Text("destination"));
        return call.Page(call.Simulation.Payouts.Of(call.Account), payout => (status is null || payout.Status == status) && (destination is null || payout.Destination == destination));
    }

    static byte[] Create(StripeCall call)
    {
        var (simulation, form) = (call.Simulation, call.Form);
        var currency = StripeCurrencies.Read(form);
        var amount = StripeCurrencies.ReadAmount(form, currency);
        if (currency is "huf" or "twd" && amount % 100 != 0)
        {
            throw StripeError.Invalid($"Payouts in {currency} must be evenly divisible by 100.", "amount", "parameter_invalid_integer");
        }

        var method = form.OneOf("method", "standard", "instant") ?? "standard";
        var bank = Destination(call);
        var available = simulation.Balances.Available(call.Account, currency);
        if (available < amount)
        {
            throw StripeError.Refused("balance_insufficient",
                $"You have insufficient funds in your Stripe account for this payout: {amount} minor units of {currency} were asked for, {available} are available. One likely reason for this is that you have funds that are not yet available to be paid out (pending balance).");
        }

        var instant = method == "instant";
        var payout = new Payout
        {
            Id = StripeObject.NewId("po_"),
            Owner = call.Account,
            Amount = amount,
            ArrivalDate = simulation.Now + (instant ? 60 : 2 * Day),
            Created = simulation.Now,
            Currency = currency,
            Description = form.Text("description"),
            Destination = bank?.Id ?? "ba_platform0000000000000000",
            Due = simulation.Now + (instant ? 30 : Day),
            Metadata = form.Metadata(),
            Method = method,
            StatementDescriptor = form.Text("statement_descriptor"),
        };
        payout.BalanceTransaction = simulation.Balances.Book(call.Account, currency, -amount, "payout", "payout", payout.Id, simulation.Now, description: "STRIPE PAYOUT").Id;
        simulation.Payouts.Save(payout);
        simulation.Emit("payout.created", payout);
        return call.Ok(payout);
    }

    /// <summary>The bank account asked for, or the default one. Whatever the currency: the simulator converts nothing, and banks here take all.</summary>
    static BankAccount? Destination(StripeCall call)
    {
        if (call.Account is null)
        {
            return null;
        }

        var account = Accounts.Find(call.Simulation, call.Account)!;
        if (!account.PayoutsEnabled)
        {
            throw StripeError.Refused("payouts_not_allowed", $"Payouts are not enabled for account {account.Id}. {(account.DetailsSubmitted ? "Stripe needs more information about it." : "Its onboarding is not complete.")}");
        }

        return call.Form.Text("destination") is { } id
            ? account.Banks.Find(bank => bank.Id == id) ?? throw StripeError.NoSuch("external account", id, "destination")
            : account.Banks.Find(bank => bank.DefaultForCurrency) ?? throw StripeError.Invalid($"Sorry, you don't have any external accounts in that currency ({call.Form.Text("currency")}).", "currency");
    }

    static byte[] Update(StripeCall call)
    {
        var payout = Needed(call);
        payout.Metadata = call.Form.Metadata(payout.Metadata);
        call.Simulation.Payouts.Save(payout);
        call.Simulation.Emit("payout.updated", payout);
        return call.Ok(payout);
    }

    static byte[] Cancel(StripeCall call)
    {
        var payout = Needed(call);
        if (payout.Status != "pending")
        {
            throw new StripeError(400, "invalid_request_error", null, $"Payout {payout.Id} cannot be canceled: only pending payouts can, and it has a status of {payout.Status}.") { Kept = true };
        }

        (payout.Status, payout.Due) = ("canceled", null);
        payout.FailureBalanceTransaction = call.Simulation.Balances.Book(payout.Owner, payout.Currency, payout.Amount, "payout_cancel", "payout_reversal", payout.Id, call.Simulation.Now).Id;
        call.Simulation.Payouts.Save(payout);
        call.Simulation.Emit("payout.canceled", payout, """{"status":"pending"}""");
        return call.Ok(payout);
    }

    /// <summary>The next step of its way.</summary>
    public static void Move(Simulation simulation, Payout payout)
    {
        if (payout.Status == "pending")
        {
            (payout.Status, payout.Due) = ("in_transit", payout.ArrivalDate);
            simulation.Payouts.Save(payout);
            simulation.Emit("payout.updated", payout, """{"status":"pending"}""");
            return;
        }

        if (payout.Status != "in_transit")
        {
            return;
        }

        var failure = payout.Owner is null ? null : simulation.Accounts.Find(payout.Owner)!.Banks.Find(bank => bank.Id == payout.Destination)?.Failure;
        if (failure is null)
        {
            payout.Status = "paid";
            simulation.Payouts.Save(payout);
            simulation.Emit("payout.paid", payout, """{"status":"in_transit"}""");
            return;
        }

        (payout.Status, payout.FailureCode, payout.FailureMessage) = ("failed", failure, $"The bank refused the payout: {failure.Replace('_', ' ')}.");
        payout.FailureBalanceTransaction = simulation.Balances.Book(payout.Owner, payout.Currency, payout.Amount, "payout_failure", "payout_reversal", payout.Id, simulation.Now, description: "STRIPE PAYOUT FAILED").Id;
        simulation.Payouts.Save(payout);
        simulation.Emit("payout.failed", payout, """{"status":"in_transit"}""");
    }
}
