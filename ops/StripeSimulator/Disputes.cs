using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class Dispute : StripeObject, IDated
{
    public string Object => "dispute";
    public long Amount { get; set; }
    public List<BalanceTransaction> BalanceTransactions { get; set; } = [];
    public string Charge { get; set; } = "";
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public List<string> EnhancedEligibilityTypes => [];
    public JsonObject Evidence
    {
        get
        {
            var evidence = new JsonObject();
            foreach (var name in DisputeEvidence.Names)
            {
                evidence[name] = Given.GetValueOrDefault(name);
            }

            evidence["enhanced_evidence"] = new JsonObject();
            return evidence;
        }
    }

    public DisputeEvidence EvidenceDetails { get; set; } = new();
    public bool IsChargeRefundable => Status is "won";
    public bool Livemode => false;
    public Dictionary<string, string> Metadata { get; set; } = [];
    string NetworkReasonCode => Reason == "product_not_received" ? "13.1" : "10.4";
    public string? PaymentIntent { get; set; }
    public JsonObject PaymentMethodDetails => new()
    {
        ["card"] = new JsonObject { ["brand"] = "visa", ["case_type"] = "chargeback", ["network"] = "visa", ["network_reason_code"] = NetworkReasonCode },
        ["type"] = "card",
    };
    public string Reason { get; set; } = "fraudulent";
    public string Status { get; set; } = "needs_response";

    [JsonPropertyName(SimulatorJson.Own + "evidence")]
    public Dictionary<string, string> Given { get; set; } = [];
}

sealed class DisputeEvidence
{
    public static readonly string[] Names =
    [
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
        "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
        "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
        "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
    ];

    public long? DueBy { get; set; }
    public JsonObject EnhancedEligibility => [];
    public bool HasEvidence { get; set; }
    public bool PastDue { get; set; }
    public int SubmissionCount { get; set; }
}

/// <summary>
/// The payer's bank takes the money back: needs_response, with evidence under_review, then won or lost. Evidence of the text
/// winning_evidence or losing_evidence is judged at once, as in Stripe's test mode.
/// </summary>
static class Disputes
{
    const long ResponseSeconds = 7 * 24 * 60 * 60;
    const long ReviewSeconds = 60 * 24 * 60 * 60;
    const int MostEvidence = 150_000;

    public static void Map(StripeRequests api)
    {
        api.On("GET", "/v1/disputes", List, "limit starting_after ending_before created charge payment_intent");
        api.On("GET", "/v1/disputes/{id}", call => call.Ok(Needed(call)));
        api.On("POST", "/v1/disputes/{id}", Update, "evidence metadata submit");
        api.On("POST", "/v1/disputes/{id}/close", Close);
    }

    static Dispute Needed(StripeCall call) => call.Simulation.Disputes.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("dispute", call.Path("id"));

    static byte[] List(StripeCall call)
    {
        var (charge, intent) = (call.Form.Text("charge"), call.Form.Text("payment_intent"));
        var candidates = charge is not null ? call.Simulation.Disputes.With(0, charge) : call.Simulation.Disputes.Of(call.Account);
        return call.Page(candidates, dispute => (charge is null || dispute.Charge == charge) && (intent is null || dispute.PaymentIntent == intent));
    }

    public static Dispute Open(Simulation simulation, Charge charge, string reason, long? partial = null)
    {
        if (charge.Status != "succeeded" || charge.DisputeId is not null || charge.Refunded)
        {
            throw StripeError.Invalid($"Charge {charge.Id} cannot be disputed: its status is {charge.Status}{(charge.DisputeId is null ? "" : $", it has the dispute {charge.DisputeId}")}{(charge.Refunded ? ", it is refunded" : "")}.", "charge");
        }

        var left = charge.Amount - charge.AmountRefunded;
        if (partial is < 1 || partial > left)
        {
            throw StripeError.Invalid($"A dispute of {partial} is not possible: {left} is left of the charge {charge.Id}.", "amount");
        }

        var dispute = new Dispute
        {
            Id = StripeObject.NewId("du_"),
            Owner = charge.Owner,
            Amount = partial ?? left,
            Charge = charge.Id,
            Created = simulation.Now,
            Currency = charge.Currency,
            Due = simulation.Now + ResponseSeconds,
            EvidenceDetails = new DisputeEvidence { DueBy = simulation.Now + ResponseSeconds },
            PaymentIntent = charge.PaymentIntent,
            Reason = reason,
        };
        (charge.Disputed, charge.DisputeId) = (true, dispute.Id);
        simulation.Charges.Save(charge);
        simulation.Disputes.Save(dispute);
        simulation.Emit("charge.dispute.created", dispute);
        dispute.BalanceTransactions.Add(simulation.Balances.Book(
            charge.Owner, charge.Currency, -dispute.Amount, "adjustment", "dispute", dispute.Id, simulation.Now,
            StripeCurrencies.DisputeFee(charge.Currency), "Dispute fee", $"Chargeback withdrawal for {charge.Id}"));
        simulation.Disputes.Save(dispute);
        simulation.Emit("charge.dispute.funds_withdrawn", dispute);
        return dispute;
    }

    static byte[] Update(StripeCall call)
    {
        var (simulation, dispute, form) = (call.Simulation, Needed(call), call.Form);
        var given = new Dictionary<string, string>(dispute.Given);
        foreach (var (name, value) in form.Entries("evidence"))
        {
            if (!DisputeEvidence.Names.Contains(name))
            {
                throw StripeError.Invalid($"Received unknown parameter: evidence[{name}]", $"evidence[{name}]", "parameter_unknown");
            }

            given[name] = value;
        }

        if (given.Values.Sum(value => value.Length) > MostEvidence)
        {
            throw StripeError.Invalid($"The combined character count of the evidence is limited to {MostEvidence}.", "evidence");
        }

        var submits = form.Flag("submit") ?? form.Has("evidence");
        if (form.Has("evidence") && dispute.Status != "needs_response")
        {
            throw new StripeError(400, "invalid_request_error", null, dispute.Status == "under_review"
                ? $"The evidence for dispute {dispute.Id} has already been submitted."
                : $"This dispute ({dispute.Id}) is already closed: it has a status of {dispute.Status}.", "evidence") { Kept = true };
        }

        dispute.Metadata = form.Metadata(dispute.Metadata);
        dispute.Given = given;
        dispute.EvidenceDetails.HasEvidence = given.Values.Any(value => value.Length > 0);
        if (submits && dispute.Status == "needs_response" && dispute.EvidenceDetails.HasEvidence)
        {
            dispute.EvidenceDetails.SubmissionCount++;
            dispute.Status = "under_review";
            dispute.Due = simulation.Now + (Verdict(dispute) is null ? ReviewSeconds : 1);
        }

        simulation.Disputes.Save(dispute);
        simulation.Emit("charge.dispute.updated", dispute);
        return call.Ok(dispute);
    }

    static bool? Verdict(Dispute dispute) => dispute.Given.GetValueOrDefault("uncategorized_text") switch
    {
        "winning_evidence" => true,
        "losing_evidence" => false,
        _ => null,
    };

    static byte[] Close(StripeCall call)
    {
        var dispute = Needed(call);
        if (dispute.Status is "won" or "lost")
        {
            throw new StripeError(400, "invalid_request_error", null, $"This dispute ({dispute.Id}) is already closed: it has a status of {dispute.Status}.") { Kept = true };
        }

        Lose(call.Simulation, dispute);
        return call.Ok(dispute);
    }

    /// <summary>The verdict, or the end of the time to respond.</summary>
    public static void Decide(Simulation simulation, Dispute dispute)
    {
        if (dispute.Status == "under_review" && Verdict(dispute) == true)
        {
            Win(simulation, dispute);
        }
        else if (dispute.Status is "under_review" or "needs_response")
        {
            dispute.EvidenceDetails.PastDue = dispute.Status == "needs_response";
            Lose(simulation, dispute);
        }
    }

    public static void Win(Simulation simulation, Dispute dispute)
    {
        (dispute.Status, dispute.Due) = ("won", null);
        // The money comes back; the fee does not.
        dispute.BalanceTransactions.Add(simulation.Balances.Book(
            dispute.Owner, dispute.Currency, dispute.Amount, "adjustment", "dispute_reversal", dispute.Id, simulation.Now, description: $"Chargeback reversal for {dispute.Charge}"));
        simulation.Disputes.Save(dispute);
        simulation.Emit("charge.dispute.funds_reinstated", dispute, """{"status":"under_review"}""");
        simulation.Emit("charge.dispute.closed", dispute, """{"status":"under_review"}""");
    }

    public static void Lose(Simulation simulation, Dispute dispute)
    {
        (dispute.Status, dispute.Due) = ("lost", null);
        simulation.Disputes.Save(dispute);
        simulation.Emit("charge.dispute.closed", dispute, """{"status":"needs_response"}""");
    }
}
