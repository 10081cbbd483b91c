using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator;

sealed class Customer : StripeObject, IDated
{
    public string Object => "customer";
    public Address? Address { get; set; }
    public long Balance { get; set; }
    public long Created { get; set; }
    public string? BusinessName { get; set; }
    public string? Currency => null;
    public string? DefaultSource => null;
    public bool Delinquent => false;
    public string? Description { get; set; }
    public JsonNode? Discount => null;
    public string? Email { get; set; }
    public string? IndividualName { get; set; }
    public string InvoicePrefix => Id[^8..].ToUpperInvariant();
    public InvoiceSettings InvoiceSettings { get; set; } = new();
    public bool Livemode => false;
    public Dictionary<string, string> Metadata { get; set; } = [];
    public string? Name { get; set; }
    public int NextInvoiceSequence => 1;
    public string? Phone { get; set; }
    public List<string> PreferredLocales { get; set; } = [];
    public Shipping? Shipping { get; set; }
    public string TaxExempt => "none";
    public string? TestClock => null;
}

sealed class InvoiceSettings
{
    public JsonNode? CustomFields => null;
    public string? DefaultPaymentMethod { get; set; }
    public string? Footer => null;
    public JsonNode? RenderingOptions => null;
}

sealed class Shipping
{
    public Address Address { get; set; } = new();
    public string? Name { get; set; }
    public string? Phone { get; set; }
}

static class Customers
{
    const string Fields = "address business_name individual_name description email invoice_settings metadata name payment_method phone preferred_locales shipping tax_exempt";

    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/customers", Create, Fields);
        api.On("GET", "/v1/customers", call => call.Page(call.Form.Text("email") is { } email ? call.Simulation.Customers.With(0, email) : call.Simulation.Customers.Of(call.Account)),
            "limit starting_after ending_before created email");
        api.On("GET", "/v1/customers/{id}", call => call.Ok(Needed(call)));
        api.On("POST", "/v1/customers/{id}", Update, Fields);
        api.On("GET", "/v1/customers/{id}/payment_methods", call =>
        {
            var type = call.Form.Text("type");
            return call.Page(call.Simulation.PaymentMethods.With(0, Needed(call).Id), method => method.Customer == call.Path("id") && (type is null || method.Type == type));
        }, "limit starting_after ending_before type");
    }

    public static Customer Needed(StripeCall call) => call.Simulation.Customers.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("customer", call.Path("id"));

    /// <summary>The customer that a parameter names.</summary>
    public static Customer? Named(StripeCall call)
        => call.Form.Text("customer") is not { } id ? null : call.Simulation.Customers.Find(id, call.Account) ?? throw StripeError.NoSuch("customer", id, "customer");

    static byte[] Create(StripeCall call)
    {
        var customer = new Customer { Owner = call.Account, Created = call.Simulation.Now };
        var method = call.Form.Text("payment_method") is { } id ? PaymentMethods.Usable(call, id, "payment_method") : null;
        Fill(customer, call.Form);
        call.Simulation.Customers.Save(customer);
        call.Simulation.Emit("customer.created", customer);
        if (method is not null)
        {
            PaymentMethods.Attach(call.Simulation, method, customer);
        }

        return call.Ok(customer);
    }

    static byte[] Update(StripeCall call)
    {
        var customer = Needed(call);
        Fill(customer, call.Form);
        call.Simulation.Customers.Save(customer);
        call.Simulation.Emit("customer.updated", customer);
        return call.Ok(customer);
    }

    static void Fill(Customer customer, FormParameters form)
    {
        var email = form.Text("email");
        if (email is not null && !email.Contains('@', StringComparison.Ordinal))
        {
            throw StripeError.Invalid($"Invalid email address: {email}", "email", "email_invalid");
        }

        customer.Metadata = form.Metadata(customer.Metadata);
        customer.Address = form.Has("address") ? Address.Read(form, "address") : customer.Address;
        customer.Description = form.Has("description") ? form.Text("description") : customer.Description;
        customer.Email = form.Has("email") ? email : customer.Email;
        customer.Name = form.Has("name") ? form.Text("name") : customer.Name;
        customer.BusinessName = form.Text("business_name") ?? customer.BusinessName;
        customer.IndividualName = form.Text("individual_name") ?? customer.IndividualName;
        customer.Phone = form.Has("phone") ? form.Text("phone") : customer.Phone;
        customer.PreferredLocales = form.Has("preferred_locales") ? form.List("preferred_locales") : customer.PreferredLocales;
        customer.InvoiceSettings.DefaultPaymentMethod = form.Text("invoice_settings[default_payment_method]") ?? customer.InvoiceSettings.DefaultPaymentMethod;
        if (form.Has("shipping"))
        {
            customer.Shipping = new Shipping { Address = Address.Read(form, "shipping[address]") ?? new Address(), Name = form.Text("shipping[name]"), Phone = form.Text("shipping[phone]") };
        }
    }
}
