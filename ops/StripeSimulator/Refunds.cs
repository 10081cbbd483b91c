using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class Refund : StripeObject, IDated
{
    public string Object => "refund";
    public long Amount { get; set; }
    public string? BalanceTransaction { get; set; }
    public string? Charge { get; set; }
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? Customer { get; set; }
    public string? CustomerAccount => null;
    public JsonObject DestinationDetails => new()
    {
        ["card"] = new JsonObject { ["reference"] = null, ["reference_status"] = "pending", ["reference_type"] = "acquirer_reference_number", ["type"] = "refund" },
        ["type"] = "card",
    };

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FailureBalanceTransaction { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FailureReason { get; set; }
    public Dictionary<string, string> Metadata { get; set; } = [];
    public string? PaymentIntent { get; set; }
    public string? PaymentMethod { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PendingReason { get; set; }
    public string? Reason { get; set; }
    public string? ReceiptNumber => null;
    public string? SourceTransferReversal => null;
    public string Status { get; set; } = "succeeded";
    public string? TransferReversal => null;
}

static class Refunds
{
    const long ProcessingSeconds = 60 * 60;

    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/refunds", Create, "amount charge payment_intent metadata reason reverse_transfer refund_application_fee");
        api.On("GET", "/v1/refunds", List, "limit starting_after ending_before created charge payment_intent");
        api.On("GET", "/v1/refunds/{id}", call => call.Ok(Needed(call)));
        api.On("POST", "/v1/refunds/{id}", Update, "metadata");
        api.On("POST", "/v1/refunds/{id}/cancel", call => throw StripeError.Refused("refund_not_cancelable", $"Refund {Needed(call).Id} cannot be canceled: only refunds that require an action of the customer can."));
    }

    static Refund Needed(StripeCall call) => call.Simulation.Refunds.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("refund", call.Path("id"));

    static byte[] List(StripeCall call)
    {
        var refunds = call.Simulation.Refunds;
        var (charge, intent) = (call.Form.Text("charge"), call.Form.Text("payment_intent"));
        var candidates = charge is not null ? refunds.With(0, charge) : intent is not null ? refunds.With(1, intent) : refunds.Of(call.Account);
        return call.Page(candidates, refund => (charge is null || refund.Charge == charge) && (intent is null || refund.PaymentIntent == intent));
    }

    static byte[] Create(StripeCall call)
    {
        var simulation = call.Simulation;
        var charge = Target(call);
        var reason = call.Form.OneOf("reason", "duplicate", "fraudulent", "requested_by_customer");
        if (call.Form.Flag("reverse_transfer") == true)
        {
            throw StripeError.Invalid($"Cannot reverse transfer: charge {charge.Id} has no associated transfer. Reverse separate transfers by /v1/transfers/{{id}}/reversals.", "reverse_transfer");
        }

        if (call.Form.Flag("refund_application_fee") == true)
        {
            throw StripeError.Invalid($"Cannot refund application fee: charge {charge.Id} has none.", "refund_application_fee");
        }

        if (!charge.Paid || charge.Status != "succeeded")
        {
            throw StripeError.Refused("charge_not_refundable", $"Charge {charge.Id} cannot be refunded: it has a status of {charge.Status}.");
        }

        if (charge.DisputeId is { } dispute && !simulation.Disputes.Find(dispute)!.IsChargeRefundable)
        {
            throw StripeError.Refused("charge_disputed", $"Charge {charge.Id} has been charged back; cannot issue a refund.");
        }

        var left = charge.Amount - charge.AmountRefunded;
        if (left == 0)
        {
            throw StripeError.Refused("charge_already_refunded", $"Charge {charge.Id} has already been refunded.");
        }

        var amount = call.Form.Has("amount") ? StripeCurrencies.ReadAmount(call.Form, charge.Currency) : left;
        if (amount > left)
        {
            throw new StripeError(400, "invalid_request_error", null, charge.AmountRefunded == 0
                ? $"Refund amount ({amount}) is greater than charge amount ({charge.Amount})."
                : $"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", "amount") { Kept = true };
        }

        var pending = charge.TestName is not null && TestCards.Find(charge.TestName)!.Refund == RefundBehaviour.PendingThenSucceeds;
        var fails = charge.TestName is not null && TestCards.Find(charge.TestName)!.Refund == RefundBehaviour.SucceedsThenFails;
        var refund = simulation.Refunds.Save(new Refund
        {
            Owner = call.Account,
            Amount = amount,
            Charge = charge.Id,
            Created = simulation.Now,
            Currency = charge.Currency,
            Due = pending || fails ? simulation.Now + ProcessingSeconds : null,
            Metadata = call.Form.Metadata(),
            PaymentIntent = charge.PaymentIntent,
            PaymentMethod = charge.PaymentMethod,
            PendingReason = pending ? "processing" : null,
            Reason = reason,
            Status = pending ? "pending" : "succeeded",
        });
        refund.BalanceTransaction = Book(simulation, charge, refund, -amount, "refund").Id;
        var (before, wasRefunded) = (charge.AmountRefunded, charge.Refunded);
        charge.AmountRefunded += amount;
        charge.Refunded = charge.AmountRefunded == charge.Amount;
        simulation.Charges.Save(charge);
        simulation.Emit("refund.created", refund);
        simulation.Emit("charge.refunded", charge, Previous(before, wasRefunded != charge.Refunded));
        return call.Ok(refund);
    }

    static string Previous(long amount, bool flagChanged) => flagChanged ? $$"""{"amount_refunded":{{amount}},"refunded":false}""" : $$"""{"amount_refunded":{{amount}}}""";

    /// <summary>Money that has not settled yet is given back out of what is pending.</summary>
    static BalanceTransaction Book(Simulation simulation, Charge charge, Refund refund, long amount, string kind)
    {
        var settles = charge.BalanceTransaction is { } id ? simulation.BalanceTransactions.Find(id)!.AvailableOn : simulation.Now;
        var payment = charge.Id.StartsWith("py_", StringComparison.Ordinal);
        var type = (kind, payment) switch { ("refund", true) => "payment_refund", ("refund", false) => "refund", (_, true) => "payment_failure_refund", _ => "refund_failure" };
        return simulation.Balances.Book(refund.Owner, refund.Currency, amount, type, kind == "refund" ? "refund" : "refund_failure", refund.Id, Math.Max(simulation.Now, settles), description: "REFUND FOR CHARGE");
    }

    static Charge Target(StripeCall call)
    {
        var (id, intentId) = (call.Form.Text("charge"), call.Form.Text("payment_intent"));
        if (id is null && intentId is null)
        {
            throw StripeError.Invalid("One of the following params should be provided for this request: payment_intent or charge.");
        }

        if (intentId is not null)
        {
            var intent = call.Simulation.PaymentIntents.Find(intentId, call.Account) ?? throw StripeError.NoSuch("payment_intent", intentId, "payment_intent");
            if (intent.LatestCharge is null || intent.Status != "succeeded")
            {
                throw StripeError.Refused("payment_intent_unexpected_state", $"This PaymentIntent ({intent.Id}) does not have a successful charge to refund: it has a status of {intent.Status}.");
            }

            if (id is not null && id != intent.LatestCharge)
            {
                throw StripeError.Invalid($"The charge {id} does not belong to the PaymentIntent {intent.Id}.", "charge");
            }

            id = intent.LatestCharge;
        }

        return call.Simulation.Charges.Find(id!, call.Account) ?? throw StripeError.NoSuch("charge", id!, "charge");
    }

    static byte[] Update(StripeCall call)
    {
        var refund = Needed(call);
        refund.Metadata = call.Form.Metadata(refund.Metadata);
        call.Simulation.Refunds.Save(refund);
        call.Simulation.Emit("refund.updated", refund);
        return call.Ok(refund);
    }

    /// <summary>A pending refund arrives; that of a closed account comes back.</summary>
    public static void Settle(Simulation simulation, Refund refund)
    {
        if (refund.Status == "pending")
        {
            (refund.Status, refund.PendingReason) = ("succeeded", null);
            simulation.Refunds.Save(refund);
            simulation.Emit("refund.updated", refund, """{"status":"pending"}""");
            simulation.Emit("charge.refund.updated", refund, """{"status":"pending"}""");
            return;
        }

        var charge = simulation.Charges.Find(refund.Charge!)!;
        (refund.Status, refund.FailureReason) = ("failed", "expired_or_canceled_card");
        refund.FailureBalanceTransaction = Book(simulation, charge, refund, refund.Amount, "failure").Id;
        simulation.Refunds.Save(refund);
        charge.AmountRefunded -= refund.Amount;
        charge.Refunded = false;
        simulation.Charges.Save(charge);
        simulation.Emit("refund.failed", refund, """{"status":"succeeded"}""");
        simulation.Emit("charge.refund.updated", refund, """{"status":"succeeded"}""");
        simulation.Emit("refund.updated", refund, """{"status":"succeeded"}""");
    }
}
