using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class Transfer : StripeObject, IDated
{
    public string Object => "transfer";
    public long Amount { get; set; }
    public long AmountReversed { get; set; }
    public string? BalanceTransaction { get; set; }
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? Description { get; set; }
    public string Destination { get; set; } = "";
    public string? DestinationPayment { get; set; }
    public bool Livemode => false;
    public Dictionary<string, string> Metadata { get; set; } = [];
    public TransferReversals Reversals => new(Id, Undone);
    public bool Reversed { get; set; }
    public string? SourceTransaction { get; set; }
    public string SourceType => "card";
    public string? TransferGroup { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "undone")]
    public List<TransferReversal> Undone { get; set; } = [];

    [JsonPropertyName(SimulatorJson.Own + "available_on")]
    public long AvailableOn { get; set; }
}

/// <summary>The newest reversals, as a transfer carries them.</summary>
sealed class TransferReversals(string transfer, List<TransferReversal> all)
{
    public string Object => "list";
    public List<TransferReversal> Data => [.. all.AsEnumerable().Reverse().Take(10)];
    public bool HasMore => all.Count > 10;
    public int TotalCount => all.Count;
    public string Url => $"/v1/transfers/{transfer}/reversals";
}

sealed class TransferReversal : StripeObject, IDated
{
    public string Object => "transfer_reversal";
    public long Amount { get; set; }
    public string? BalanceTransaction { get; set; }
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? DestinationPaymentRefund { get; set; }
    public Dictionary<string, string> Metadata { get; set; } = [];
    public string? SourceRefund => null;
    public string Transfer { get; set; } = "";
}

static class Transfers
{
    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/transfers", Create, "amount currency description destination metadata source_transaction source_type transfer_group");
        api.On("GET", "/v1/transfers", List, "limit starting_after ending_before created destination transfer_group");
        api.On("GET", "/v1/transfers/{id}", call => call.Ok(Needed(call)));
        api.On("POST", "/v1/transfers/{id}", Update, "description metadata");
        api.On("POST", "/v1/transfers/{id}/reversals", Reverse, "amount description metadata refund_application_fee");
        api.On("GET", "/v1/transfers/{id}/reversals", call => call.Page(call.Simulation.TransferReversals.With(0, Needed(call).Id)), "limit starting_after ending_before");
        api.On("GET", "/v1/transfers/{id}/reversals/{reversal}", call => call.Simulation.TransferReversals.Find(call.Path("reversal")) is { } reversal && reversal.Transfer == Needed(call).Id
            ? call.Ok(reversal)
            : throw StripeError.NotFound("transfer_reversal", call.Path("reversal")));
    }

    static Transfer Needed(StripeCall call) => call.Simulation.Transfers.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("transfer", call.Path("id"));

    static byte[] List(StripeCall call)
    {
        var (destination, group) = (call.Form.Text("destination"), call.Form.Text("transfer_group"));
        var transfers = call.Simulation.Transfers;
        var candidates = group is not null ? transfers.With(0, group) : destination is not null ? transfers.With(1, destination) : transfers.Of(call.Account);
        return call.Page(candidates, transfer => (destination is null || transfer.Destination == destination) && (group is null || transfer.TransferGroup == group));
    }

    static byte[] Create(StripeCall call)
    {
        var (simulation, form) = (call.Simulation, call.Form);
        var currency = StripeCurrencies.Read(form);
        var amount = StripeCurrencies.ReadAmount(form, currency);
        var destination = form.Needed("destination");
        var account = Accounts.Find(simulation, destination) ?? throw StripeError.NoSuch("destination", destination, "destination");
        var source = form.Text("source_transaction") is { } id ? Source(call, id, amount, currency) : null;
        var group = form.Text("transfer_group");
        if (source?.TransferGroup is { } set && group is not null && group != set)
        {
            throw StripeError.Invalid($"The transfer_group of the source_transaction is {set}; a transfer of it cannot have another ({group}).", "transfer_group");
        }

        if (account.Capabilities.GetValueOrDefault("transfers") != "active")
        {
            throw StripeError.Refused("insufficient_capabilities_for_transfer",
                "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments", "destination");
        }

        if (source is null && simulation.Balances.Available(call.Account, currency) < amount)
        {
            throw StripeError.Refused("balance_insufficient",
                "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance by creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance");
        }

        var metadata = form.Metadata();
        var availableOn = Math.Max(simulation.Now, source?.BalanceTransaction is { } booked ? simulation.BalanceTransactions.Find(booked)!.AvailableOn : 0);
        if (source is not null)
        {
            source.Transferred += amount;
            if (source.TransferGroup is null)
            {
                source.TransferGroup = group ??= $"group_{source.PaymentIntent ?? source.Id}";
                simulation.Charges.Reindex(2, source);
            }

            group = source.TransferGroup;
            simulation.Charges.Save(source);
        }

        var transfer = new Transfer
        {
            Id = StripeObject.NewId("tr_"),
            Owner = call.Account,
            Amount = amount,
            AvailableOn = availableOn,
            Created = simulation.Now,
            Currency = currency,
            Description = form.Text("description"),
            Destination = account.Id,
            Metadata = metadata,
            SourceTransaction = source?.Id,
            TransferGroup = group,
        };
        transfer.BalanceTransaction = simulation.Balances.Book(call.Account, currency, -amount, "transfer", "transfer", transfer.Id, availableOn, description: transfer.Description).Id;
        var payment = new Charge
        {
            Id = StripeObject.NewId("py_"),
            Owner = account.Id,
            Amount = amount,
            AmountCaptured = amount,
            Captured = true,
            Created = simulation.Now,
            Currency = currency,
            Paid = true,
            SourceTransfer = transfer.Id,
            Status = "succeeded",
        };
        payment.BalanceTransaction = simulation.Balances.Book(account.Id, currency, amount, "payment", "charge", payment.Id, availableOn).Id;
        simulation.Charges.Save(payment);
        transfer.DestinationPayment = payment.Id;
        simulation.Transfers.Save(transfer);
        simulation.Emit("transfer.created", transfer);
        return call.Ok(transfer);
    }

    static Charge Source(StripeCall call, string id, long amount, string currency)
    {
        var source = call.Simulation.Charges.Find(id, call.Account) ?? throw StripeError.NoSuch("charge", id, "source_transaction");
        if (source.Status == "failed" || !source.Captured)
        {
            throw StripeError.Invalid($"The charge {id} cannot be the source of a transfer: it has a status of {source.Status}.", "source_transaction");
        }

        if (source.Currency != currency)
        {
            throw StripeError.Invalid($"The currency of source_transaction's balance transaction ({source.Currency}) must be the same as the transfer currency ({currency})", "currency");
        }

        if (source.Transferred + amount > source.Amount)
        {
            throw new StripeError(400, "invalid_request_error", null, source.Transferred == 0
                ? $"Transfers using this transaction as a source must not exceed the source amount of {source.Amount}."
                : $"Transfers using this transaction as a source must not exceed the source amount of {source.Amount}. (There is already a transfer using this source, amounting to {source.Transferred}.)", "amount") { Kept = true };
        }

        return source;
    }

    static byte[] Update(StripeCall call)
    {
        var transfer = Needed(call);
        transfer.Metadata = call.Form.Metadata(transfer.Metadata);
        transfer.Description = call.Form.Has("description") ? call.Form.Text("description") : transfer.Description;
        call.Simulation.Transfers.Save(transfer);
        call.Simulation.Emit("transfer.updated", transfer);
        return call.Ok(transfer);
    }

    static byte[] Reverse(StripeCall call)
    {
        var (simulation, transfer) = (call.Simulation, Needed(call));
        var left = transfer.Amount - transfer.AmountReversed;
        if (left == 0)
        {
            throw new StripeError(400, "invalid_request_error", null, $"Transfer {transfer.Id} has already been fully reversed.") { Kept = true };
        }

        var amount = call.Form.Has("amount") ? StripeCurrencies.ReadAmount(call.Form, transfer.Currency) : left;
        if (amount > left)
        {
            throw new StripeError(400, "invalid_request_error", null, $"Transfer reversal amount ({amount}) is greater than the unreversed amount of the transfer ({left}).", "amount") { Kept = true };
        }

        if (simulation.Balances.Available(transfer.Destination, transfer.Currency) + simulation.Balances.Pending(transfer.Destination, transfer.Currency) < amount)
        {
            throw StripeError.Refused("balance_insufficient", $"The connected account {transfer.Destination} has insufficient funds for a reversal of {amount} minor units of {transfer.Currency}.");
        }

        var metadata = call.Form.Metadata();
        var availableOn = Math.Max(simulation.Now, transfer.AvailableOn);
        var reversal = new TransferReversal
        {
            Id = StripeObject.NewId("trr_"),
            Owner = call.Account,
            Amount = amount,
            Created = simulation.Now,
            Currency = transfer.Currency,
            Metadata = metadata,
            Transfer = transfer.Id,
        };
        reversal.BalanceTransaction = simulation.Balances.Book(call.Account, transfer.Currency, amount, "transfer_refund", "transfer_reversal", reversal.Id, availableOn).Id;
        var payment = simulation.Charges.Find(transfer.DestinationPayment!)!;
        var refund = new Refund
        {
            Id = StripeObject.NewId("pyr_"),
            Owner = transfer.Destination,
            Amount = amount,
            Charge = payment.Id,
            Created = simulation.Now,
            Currency = transfer.Currency,
        };
        refund.BalanceTransaction = simulation.Balances.Book(transfer.Destination, transfer.Currency, -amount, "payment_refund", "refund", refund.Id, availableOn).Id;
        simulation.Refunds.Save(refund);
        payment.AmountRefunded += amount;
        payment.Refunded = payment.AmountRefunded == payment.Amount;
        simulation.Charges.Save(payment);
        reversal.DestinationPaymentRefund = refund.Id;
        simulation.TransferReversals.Save(reversal);
        var before = transfer.AmountReversed;
        transfer.AmountReversed += amount;
        transfer.Reversed = transfer.AmountReversed == transfer.Amount;
        transfer.Undone.Add(reversal);
        simulation.Transfers.Save(transfer);
        simulation.Emit("transfer.reversed", transfer, $$"""{"amount_reversed":{{before}}}""");
        return call.Ok(reversal);
    }
}
