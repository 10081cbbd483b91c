using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class PaymentMethod : StripeObject, IDated
{
    public string Object => "payment_method";
    public string AllowRedisplay => "unspecified";
    public BillingDetails BillingDetails { get; set; } = new();

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CardDetails? Card => Type == "card" ? new CardDetails(Behaviour) : null;
    public long Created { get; set; }
    public string? Customer { get; set; }
    public string? CustomerAccount => null;
    public bool Livemode => false;
    public Dictionary<string, string> Metadata { get; set; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? SepaDebit => Type == "sepa_debit"
        ? new JsonObject { ["bank_code"] = "37040044", ["branch_code"] = null, ["country"] = Behaviour.Country, ["fingerprint"] = "vifs0Ho7vwRn1Miu", ["generated_from"] = null, ["last4"] = Behaviour.Last4 }
        : null;
    public string Type => Behaviour.Type;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? UsBankAccount => Type == "us_bank_account"
        ? new JsonObject
        {
            ["account_holder_type"] = "individual", ["account_type"] = "checking", ["bank_name"] = "STRIPE TEST BANK", ["financial_connections_account"] = null, ["fingerprint"] = "FFDMA0xfhBjWSZLu",
            ["last4"] = Behaviour.Last4, ["networks"] = new JsonObject { ["preferred"] = "ach", ["supported"] = new JsonArray("ach") }, ["routing_number"] = "110000000", ["status_details"] = null,
        }
        : null;

    /// <summary>The name of the test payment method that it is a copy of.</summary>
    [JsonPropertyName(SimulatorJson.Own + "card")]
    public string TestName { get; set; } = "pm_card_visa";

    /// <summary>The payer has authenticated it for later payments.</summary>
    [JsonPropertyName(SimulatorJson.Own + "set_up")]
    public bool SetUp { get; set; }

    /// <summary>It has paid without belonging to a customer, and may not pay again.</summary>
    [JsonPropertyName(SimulatorJson.Own + "spent")]
    public bool Spent { get; set; }

    [JsonIgnore]
    public TestCard Behaviour => TestCards.Find(TestName)!;
}

sealed class CardDetails(TestCard card)
{
    public string Brand => card.Brand;
    public CardChecks Checks => new();
    public string Country => card.Country;
    public string DisplayBrand => card.Brand;
    public int ExpMonth => 12;
    public int ExpYear => 2034;
    public string Fingerprint => $"AOB934RVNw{card.Last4}tn";
    public string Funding => card.Funding;
    public JsonNode? GeneratedFrom => null;
    [JsonPropertyName("last4")]
    public string Last4 => card.Last4;
    public CardNetworks Networks => new() { Available = [card.Brand] };
    public string RegulatedStatus => "unregulated";
    public ThreeDSecureUsage ThreeDSecureUsage => new();
    public JsonNode? Wallet => null;
}

sealed class CardChecks
{
    [JsonPropertyName("address_line1_check")]
    public string? AddressLine1Check => null;
    public string? AddressPostalCodeCheck => null;
    public string CvcCheck => "pass";
}

sealed class CardNetworks
{
    public IReadOnlyList<string> Available { get; init; } = [];
    public string? Preferred => null;
}

sealed class ThreeDSecureUsage
{
    public bool Supported => true;
}

static class PaymentMethods
{
    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/payment_methods", Create, "type card billing_details metadata us_bank_account sepa_debit", publishable: true);
        api.On("GET", "/v1/payment_methods", List, "limit starting_after ending_before created customer type");
        api.On("GET", "/v1/payment_methods/{id}", call => call.Ok(Usable(call, call.Path("id"), null)));
        api.On("POST", "/v1/payment_methods/{id}", Update, "billing_details metadata allow_redisplay card");
        api.On("POST", "/v1/payment_methods/{id}/attach", Attach, "customer");
        api.On("POST", "/v1/payment_methods/{id}/detach", Detach);
    }

    /// <summary>An existing payment method, or a fresh copy of a test one: as with Stripe, each mention of pm_card_visa is another object.</summary>
    public static PaymentMethod Usable(StripeCall call, string id, string? param)
    {
        if (call.Simulation.PaymentMethods.Find(id, call.Account) is { } known)
        {
            return known;
        }

        var card = TestCards.Find(id) ?? throw (param is null ? StripeError.NotFound("PaymentMethod", id) : StripeError.NoSuch("PaymentMethod", id, param));
        return new PaymentMethod { Id = StripeObject.NewId("pm_"), Owner = call.Account, Created = call.Simulation.Now, TestName = card.Name };
    }

    static byte[] Create(StripeCall call)
    {
        var form = call.Form;
        if (form.Needed("type") != "card" || form.Text("card[token]") is not { } token)
        {
            throw StripeError.Invalid("The simulator makes payment methods from test tokens only: type=card and card[token]=tok_visa. Name a test payment method such as pm_card_visa or pm_usBankAccount instead.", "card");
        }

        var card = TestCards.FindByToken(token) ?? throw StripeError.NoSuch("token", token, "card[token]");
        var method = new PaymentMethod
        {
            Owner = call.Account,
            Created = call.Simulation.Now,
            TestName = card.Name,
            BillingDetails = BillingDetails.Read(form, "billing_details"),
            Metadata = form.Metadata(),
        };
        return call.Ok(call.Simulation.PaymentMethods.Save(method));
    }

    static byte[] List(StripeCall call)
    {
        var (customer, type) = (call.Form.Text("customer"), call.Form.Text("type"));
        var candidates = customer is null ? call.Simulation.PaymentMethods.Of(call.Account) : call.Simulation.PaymentMethods.With(0, customer);
        return call.Page(candidates, method => (customer is null || method.Customer == customer) && (type is null || method.Type == type));
    }

    static byte[] Update(StripeCall call)
    {
        var method = call.Simulation.PaymentMethods.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("PaymentMethod", call.Path("id"));
        if (method.Customer is null)
        {
            throw StripeError.Invalid("You must save this PaymentMethod to a customer before you can update it.");
        }

        method.Metadata = call.Form.Metadata(method.Metadata);
        method.BillingDetails = call.Form.Has("billing_details") ? BillingDetails.Read(call.Form, "billing_details") : method.BillingDetails;
        call.Simulation.PaymentMethods.Save(method);
        call.Simulation.Emit("payment_method.updated", method);
        return call.Ok(method);
    }

    static byte[] Attach(StripeCall call)
    {
        call.Form.Needed("customer");
        var customer = Customers.Named(call)!;
        var method = Usable(call, call.Path("id"), null);
        if (method.Customer is not null && method.Customer != customer.Id)
        {
            throw StripeError.Invalid("The payment method you provided has already been attached to a customer.", code: "payment_method_unexpected_state");
        }

        if (method.Spent)
        {
            throw StripeError.Invalid("This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.");
        }

        if (method.Behaviour is { RefusesAttachment: true, Decline: var (code, declineCode, message) })
        {
            throw new StripeError(402, "card_error", code, message) { DeclineCode = declineCode, Kept = true };
        }

        Attach(call.Simulation, method, customer);
        return call.Ok(method);
    }

    public static void Attach(Simulation simulation, PaymentMethod method, Customer customer)
    {
        if (method.Customer is not null)
        {
            return;
        }

        var known = method.Sequence != 0;
        method.Customer = customer.Id;
        simulation.PaymentMethods.Save(method);
        if (known)
        {
            simulation.PaymentMethods.Reindex(0, method);
        }

        simulation.Emit("payment_method.attached", method);
    }

    static byte[] Detach(StripeCall call)
    {
        var method = call.Simulation.PaymentMethods.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("PaymentMethod", call.Path("id"));
        if (method.Customer is null)
        {
            throw StripeError.Invalid("The payment method you provided is not attached to a customer so detachment is impossible.");
        }

        var customer = method.Customer;
        method.Customer = null;
        method.Spent = true;
        call.Simulation.PaymentMethods.Save(method);
        call.Simulation.Emit("payment_method.detached", method, $$"""{"customer":"{{customer}}"}""");
        return call.Ok(method);
    }
}
