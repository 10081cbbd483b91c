using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class Charge : StripeObject, IDated
{
    public string Object => "charge";
    public long Amount { get; set; }
    public long AmountCaptured { get; set; }
    public long AmountRefunded { get; set; }
    public string? Application => null;
    public string? ApplicationFee => null;
    public long? ApplicationFeeAmount => null;
    public string? BalanceTransaction { get; set; }
    public BillingDetails BillingDetails { get; set; } = new();
    public string? CalculatedStatementDescriptor { get; set; }
    public bool Captured { get; set; }
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? Customer { get; set; }
    public string? Description { get; set; }
    public bool Disputed { get; set; }
    public string? FailureBalanceTransaction { get; set; }
    public string? FailureCode { get; set; }
    public string? FailureMessage { get; set; }
    public JsonObject FraudDetails => [];
    public bool Livemode => false;
    public Dictionary<string, string> Metadata { get; set; } = [];
    public string? OnBehalfOf => null;
    public ChargeOutcome? Outcome { get; set; }
    public bool Paid { get; set; }
    public string? PaymentIntent { get; set; }
    public string? PaymentMethod { get; set; }
    public JsonObject? PaymentMethodDetails => TestName is null ? null : Details(TestCards.Find(TestName)!);
    public JsonObject RadarOptions => [];
    public string? ReceiptEmail { get; set; }
    public string? ReceiptNumber => null;
    public string? ReceiptUrl { get; set; }
    public bool Refunded { get; set; }
    public string? Review => null;
    public Shipping? Shipping { get; set; }
    public JsonNode? Source => null;
    public string? SourceTransfer { get; set; }
    public string? StatementDescriptor { get; set; }
    public string? StatementDescriptorSuffix { get; set; }
    public string Status { get; set; } = "pending";
    public JsonNode? TransferData => null;
    public string? TransferGroup { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "card")]
    public string? TestName { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "authenticated")]
    public bool Authenticated { get; set; }

    /// <summary>What transfers have taken from this charge as their source.</summary>
    [JsonPropertyName(SimulatorJson.Own + "transferred")]
    public long Transferred { get; set; }

    /// <summary>The open or closed dispute.</summary>
    [JsonPropertyName(SimulatorJson.Own + "dispute")]
    public string? DisputeId { get; set; }

    JsonObject Details(TestCard card) => card.Type switch
    {
        "card" => new()
        {
            ["card"] = new JsonObject
            {
                ["amount_authorized"] = Paid ? Amount : null,
                ["authorization_code"] = Paid ? "123456" : null,
                ["brand"] = card.Brand,
                ["checks"] = new JsonObject { ["address_line1_check"] = null, ["address_postal_code_check"] = null, ["cvc_check"] = FailureCode == "incorrect_cvc" ? "fail" : "pass" },
                ["country"] = card.Country,
                ["exp_month"] = 12,
                ["exp_year"] = 2034,
                ["extended_authorization"] = new JsonObject { ["status"] = "disabled" },
                ["fingerprint"] = $"AOB934RVNw{card.Last4}tn",
                ["funding"] = card.Funding,
                ["incremental_authorization"] = new JsonObject { ["status"] = "unavailable" },
                ["installments"] = null,
                ["last4"] = card.Last4,
                ["mandate"] = null,
                ["multicapture"] = new JsonObject { ["status"] = "unavailable" },
                ["network"] = card.Brand,
                ["network_token"] = new JsonObject { ["used"] = false },
                ["network_transaction_id"] = Paid ? "100000000000001" : null,
                ["overcapture"] = new JsonObject { ["maximum_amount_capturable"] = Amount, ["status"] = "unavailable" },
                ["regulated_status"] = "unregulated",
                ["three_d_secure"] = Authenticated
                    ? new JsonObject { ["authentication_flow"] = "challenge", ["electronic_commerce_indicator"] = "05", ["exemption_indicator"] = null, ["result"] = "authenticated", ["result_reason"] = null, ["transaction_id"] = "f5e3f4e1-simulated", ["version"] = "2.2.0" }
                    : null,
                ["transaction_link_id"] = null,
                ["wallet"] = null,
            },
            ["type"] = "card",
        },
        "us_bank_account" => new()
        {
            ["type"] = "us_bank_account",
            ["us_bank_account"] = new JsonObject { ["account_holder_type"] = "individual", ["account_type"] = "checking", ["bank_name"] = "STRIPE TEST BANK", ["fingerprint"] = "FFDMA0xfhBjWSZLu", ["last4"] = card.Last4, ["payment_reference"] = null, ["routing_number"] = "110000000" },
        },
        _ => new()
        {
            [card.Type] = new JsonObject { ["bank_code"] = "37040044", ["branch_code"] = null, ["country"] = card.Country, ["fingerprint"] = "vifs0Ho7vwRn1Miu", ["last4"] = card.Last4, ["mandate"] = null },
            ["type"] = card.Type,
        },
    };
}

sealed class ChargeOutcome
{
    public string? AdviceCode { get; set; }
    public string? NetworkAdviceCode => null;
    public string? NetworkDeclineCode { get; set; }
    public string NetworkStatus { get; set; } = "approved_by_network";
    public string? Reason { get; set; }
    public string RiskLevel { get; set; } = "normal";
    public int RiskScore { get; set; } = 8;
    public string SellerMessage { get; set; } = "Payment complete.";
    public string Type { get; set; } = "authorized";
}

static class Charges
{
    /// <summary>Card money becomes available two days later.</summary>
    public const long SettlementSeconds = 2 * 24 * 60 * 60;

    public static void Map(StripeRequests api)
    {
        api.On("GET", "/v1/charges", List, "limit starting_after ending_before created customer payment_intent transfer_group");
        api.On("GET", "/v1/charges/{id}", call => call.Ok(Needed(call)));
        api.On("POST", "/v1/charges/{id}", Update, "customer description fraud_details metadata receipt_email shipping transfer_group");
        api.On("GET", "/v1/charges/{id}/refunds", call => call.Page(call.Simulation.Refunds.With(0, Needed(call).Id)), "limit starting_after ending_before");
    }

    static Charge Needed(StripeCall call) => call.Simulation.Charges.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("charge", call.Path("id"));

    static byte[] List(StripeCall call)
    {
        var charges = call.Simulation.Charges;
        var (customer, intent, group) = (call.Form.Text("customer"), call.Form.Text("payment_intent"), call.Form.Text("transfer_group"));
        var candidates = intent is not null ? charges.With(0, intent) : group is not null ? charges.With(2, group) : customer is not null ? charges.With(1, customer) : charges.Of(call.Account);
        return call.Page(candidates, charge => (customer is null || charge.Customer == customer) && (intent is null || charge.PaymentIntent == intent) && (group is null || charge.TransferGroup == group));
    }

    static byte[] Update(StripeCall call)
    {
        var charge = Needed(call);
        charge.Metadata = call.Form.Metadata(charge.Metadata);
        charge.Description = call.Form.Has("description") ? call.Form.Text("description") : charge.Description;
        charge.ReceiptEmail = call.Form.Has("receipt_email") ? call.Form.Text("receipt_email") : charge.ReceiptEmail;
        if (call.Form.Text("transfer_group") is { } group)
        {
            charge.TransferGroup = charge.TransferGroup is null || charge.TransferGroup == group
                ? group
                : throw StripeError.Invalid("The transfer_group of a charge cannot be changed once it is set.", "transfer_group");
            call.Simulation.Charges.Reindex(2, charge);
        }

        call.Simulation.Charges.Save(charge);
        call.Simulation.Emit("charge.updated", charge);
        return call.Ok(charge);
    }

    public static Charge Begin(Simulation simulation, PaymentIntent intent, PaymentMethod method, bool authenticated = false)
    {
        var charge = simulation.Charges.Save(new Charge
        {
            Id = StripeObject.NewId(method.Type == "card" ? "ch_" : "py_"),
            Owner = intent.Owner,
            Amount = intent.Amount,
            Authenticated = authenticated,
            BillingDetails = method.BillingDetails,
            CalculatedStatementDescriptor = "EDTECH",
            Created = simulation.Now,
            Currency = intent.Currency,
            Customer = intent.Customer,
            Description = intent.Description,
            Metadata = new Dictionary<string, string>(intent.Metadata),
            PaymentIntent = intent.Id,
            PaymentMethod = method.Id,
            ReceiptEmail = intent.ReceiptEmail,
            Shipping = intent.Shipping,
            StatementDescriptorSuffix = intent.StatementDescriptorSuffix,
            TestName = method.TestName,
            TransferGroup = intent.TransferGroup,
        });
        if (method.Behaviour.Delayed)
        {
            (charge.Paid, charge.Captured, charge.AmountCaptured) = (false, true, charge.Amount);
            simulation.Emit("charge.pending", charge);
        }

        return charge;
    }

    public static Charge Fail(Simulation simulation, Charge charge, (string Code, string? DeclineCode, string Message) decline)
    {
        (charge.Status, charge.Paid, charge.Captured, charge.AmountCaptured) = ("failed", false, false, 0);
        (charge.FailureCode, charge.FailureMessage) = (decline.Code, decline.Message);
        charge.Outcome = new ChargeOutcome
        {
            AdviceCode = decline.Code is "expired_card" or "incorrect_cvc" ? "confirm_card_data" : decline.DeclineCode is "lost_card" or "stolen_card" ? "do_not_try_again" : "try_again_later",
            NetworkDeclineCode = decline.DeclineCode == "fraudulent" ? null : "01",
            NetworkStatus = decline.DeclineCode == "fraudulent" ? "not_sent_to_network" : "declined_by_network",
            Reason = decline.DeclineCode == "fraudulent" ? "highest_risk_level" : decline.DeclineCode ?? decline.Code,
            RiskLevel = decline.DeclineCode == "fraudulent" ? "highest" : "normal",
            RiskScore = decline.DeclineCode == "fraudulent" ? 90 : 8,
            SellerMessage = decline.DeclineCode == "fraudulent" ? "Stripe blocked this payment as too risky." : "The bank did not return any further details with this decline.",
            Type = decline.DeclineCode == "fraudulent" ? "blocked" : "issuer_declined",
        };
        simulation.Charges.Save(charge);
        simulation.Emit("charge.failed", charge);
        return charge;
    }

    /// <summary>
    /// The money has come. With asynchronous capture (the default) the first report does not name the balance transaction yet;
    /// charge.updated does.
    /// </summary>
    public static void Succeed(Simulation simulation, Charge charge, TestCard card, Action reportIntent)
    {
        (charge.Status, charge.Paid, charge.Captured, charge.AmountCaptured) = ("succeeded", true, true, charge.Amount);
        charge.Outcome = new ChargeOutcome();
        charge.ReceiptUrl = new Uri(simulation.Settings.Api, $"/receipts/{charge.Id}").ToString();
        simulation.Charges.Save(charge);
        simulation.Emit("charge.succeeded", charge);
        reportIntent();
        charge.BalanceTransaction = simulation.Balances.Book(
            charge.Owner, charge.Currency, charge.Amount, charge.Id.StartsWith("py_", StringComparison.Ordinal) ? "payment" : "charge", "charge", charge.Id,
            simulation.Now + (card.BypassPending ? 0 : SettlementSeconds), StripeCurrencies.ChargeFee(charge.Currency, charge.Amount), description: charge.Description).Id;
        simulation.Emit("charge.updated", charge, """{"balance_transaction":null}""");
        if (card.Dispute is { } reason)
        {
            Disputes.Open(simulation, charge, reason);
        }
    }
}
