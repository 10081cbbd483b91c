using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class PaymentIntent : StripeObject, IDated
{
    public string Object => "payment_intent";
    public List<string>? AllowedPaymentMethodTypes { get; set; }
    public long Amount { get; set; }
    public long AmountCapturable => 0;
    public JsonObject AmountDetails => new() { ["tip"] = new JsonObject() };
    public long AmountReceived { get; set; }
    public string? Application => null;
    public long? ApplicationFeeAmount => null;
    public AutomaticPaymentMethods? AutomaticPaymentMethods { get; set; }
    public long? CanceledAt { get; set; }
    public string? CancellationReason { get; set; }
    public string CaptureMethod { get; set; } = "automatic_async";
    public string ClientSecret { get; set; } = "";
    public string ConfirmationMethod { get; set; } = "automatic";
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? Customer { get; set; }
    public string? CustomerAccount => null;
    public string? Description { get; set; }
    public JsonNode? ExcludedPaymentMethodTypes => null;
    public PaymentError? LastPaymentError { get; set; }
    public string? LatestCharge { get; set; }
    public bool Livemode => false;
    public JsonNode? ManagedPayments => null;
    public Dictionary<string, string> Metadata { get; set; } = [];
    public NextAction? NextAction { get; set; }
    public string? OnBehalfOf => null;
    public string? PaymentMethod { get; set; }
    public JsonNode? PaymentMethodConfigurationDetails => null;
    public JsonObject PaymentMethodOptions => PaymentMethodTypes.Contains("card")
        ? new() { ["card"] = new JsonObject { ["installments"] = null, ["mandate_options"] = null, ["network"] = null, ["request_three_d_secure"] = RequestThreeDSecure ?? "automatic" } }
        : [];
    public List<string> PaymentMethodTypes { get; set; } = ["card"];
    public JsonNode? Processing => null;
    public string? ReceiptEmail { get; set; }
    public string? Review => null;
    public string? SetupFutureUsage { get; set; }
    public Shipping? Shipping { get; set; }
    public string? Source => null;
    public string? StatementDescriptor { get; set; }
    public string? StatementDescriptorSuffix { get; set; }
    public string Status { get; set; } = "requires_payment_method";
    public JsonNode? TransferData => null;
    public string? TransferGroup { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "request_three_d_secure")]
    public string? RequestThreeDSecure { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "return_url")]
    public string? ReturnUrl { get; set; }
}

sealed class AutomaticPaymentMethods
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AllowRedirects { get; set; }
    public bool Enabled { get; set; } = true;
}

sealed class NextAction
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RedirectToUrl? RedirectToUrl { get; set; }
    public string Type { get; set; } = "";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? UseStripeSdk { get; set; }
}

sealed class RedirectToUrl
{
    public string? ReturnUrl { get; set; }
    public string Url { get; set; } = "";
}

/// <summary>Why the last attempt failed, as the payment intent shows it.</summary>
sealed class PaymentError
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Charge { get; set; }
    public string Code { get; set; } = "";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeclineCode { get; set; }
    public string DocUrl => $"https://stripe.com/docs/error-codes/{Code.Replace('_', '-')}";
    public string Message { get; set; } = "";
    public PaymentMethod? PaymentMethod { get; set; }
    public string Type { get; set; } = "card_error";
}

/// <summary>
/// The life of a payment: requires_payment_method, requires_confirmation, requires_action, processing, succeeded or canceled.
/// A failed attempt goes back to requires_payment_method.
/// </summary>
static class PaymentIntents
{
    const string Confirmation = "error_on_requires_action mandate mandate_data off_session payment_method payment_method_options payment_method_types allowed_payment_method_types receipt_email return_url setup_future_usage shipping use_stripe_sdk capture_method";
    const string Fields = Confirmation + " amount currency customer description metadata statement_descriptor statement_descriptor_suffix transfer_group";

    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/payment_intents", Create, Fields + " automatic_payment_methods confirm confirmation_method");
        api.On("GET", "/v1/payment_intents", List, "limit starting_after ending_before created customer");
        api.On("GET", "/v1/payment_intents/{id}", call => call.Ok(Needed(call)), publishable: true);
        api.On("POST", "/v1/payment_intents/{id}", Update, Fields);
        api.On("POST", "/v1/payment_intents/{id}/confirm", call => Confirm(call, Needed(call)), Confirmation, publishable: true);
        api.On("POST", "/v1/payment_intents/{id}/cancel", Cancel, "cancellation_reason");
    }

    static PaymentIntent Needed(StripeCall call)
    {
        var intent = call.Simulation.PaymentIntents.Find(call.Path("id"), call.Account) ?? throw StripeError.NotFound("payment_intent", call.Path("id"), "intent");
        return !call.Browser || intent.ClientSecret == call.Form.Text("client_secret")
            ? intent
            : throw (call.Form.Text("client_secret") is null
                ? StripeError.Missing("client_secret")
                : StripeError.Invalid("The client_secret provided does not match any associated PaymentIntent on this account. Ensure the API key used belongs to the same account that created the PaymentIntent.", "client_secret", "payment_intent_invalid_parameter"));
    }

    static byte[] List(StripeCall call)
    {
        var customer = call.Form.Text("customer");
        return call.Page(customer is null ? call.Simulation.PaymentIntents.Of(call.Account) : call.Simulation.PaymentIntents.With(0, customer), intent => customer is null || intent.Customer == customer);
    }

    static byte[] Create(StripeCall call)
    {
        var form = call.Form;
        var currency = StripeCurrencies.Read(form);
        var amount = StripeCurrencies.ReadAmount(form, currency);
        StripeCurrencies.CheckCharge(amount, currency);
        var intent = new PaymentIntent
        {
            Id = StripeObject.NewId("pi_"),
            Owner = call.Account,
            Amount = amount,
            Created = call.Simulation.Now,
            Currency = currency,
        };
        intent.ClientSecret = StripeObject.NewId(intent.Id + "_secret_");
        intent.ConfirmationMethod = form.OneOf("confirmation_method", "automatic", "manual") ?? "automatic";
        var automatic = form.Flag("automatic_payment_methods[enabled]") ?? TypesOf(form) is null;
        if (automatic)
        {
            if (TypesOf(form) is not null)
            {
                throw StripeError.Invalid("You may only specify one of these parameters: automatic_payment_methods, payment_method_types.");
            }

            intent.AutomaticPaymentMethods = new AutomaticPaymentMethods { AllowRedirects = form.OneOf("automatic_payment_methods[allow_redirects]", "always", "never") ?? "always" };
            intent.PaymentMethodTypes = currency switch { "usd" => ["card", "us_bank_account", "link"], "eur" => ["card", "sepa_debit", "link"], _ => ["card", "link"] };
        }
        else
        {
            intent.PaymentMethodTypes = ReadTypes(form) ?? ["card"];
            intent.AllowedPaymentMethodTypes = form.Has("allowed_payment_method_types") ? intent.PaymentMethodTypes : null;
        }

        if (form.Flag("confirm") != true)
        {
            foreach (var param in (ReadOnlySpan<string>)["return_url", "off_session", "error_on_requires_action"])
            {
                if (form.Has(param))
                {
                    throw StripeError.Invalid($"You can only pass in {param} when `confirm` is set to true.", param, "parameter_invalid_empty");
                }
            }
        }

        intent.Customer = Customers.Named(call)?.Id;
        var method = Fill(call, intent);
        if (form.Flag("confirm") == true)
        {
            return Confirm(call, intent, method);
        }

        Keep(call.Simulation, method);
        call.Simulation.PaymentIntents.Save(intent);
        call.Simulation.Emit("payment_intent.created", intent);
        return call.Ok(intent);
    }

    /// <summary>The parameter is allowed_payment_method_types in the pinned version; older clients write payment_method_types.</summary>
    static string? TypesOf(FormParameters form) => form.Has("allowed_payment_method_types") ? "allowed_payment_method_types" : form.Has("payment_method_types") ? "payment_method_types" : null;

    static List<string>? ReadTypes(FormParameters form)
    {
        if (TypesOf(form) is not { } name)
        {
            return null;
        }

        var types = form.List(name);
        return types.Find(type => type is not ("card" or "us_bank_account" or "sepa_debit" or "link")) is { } unknown
            ? throw StripeError.Invalid($"Invalid {name}: '{unknown}'. The simulator knows card, us_bank_account, sepa_debit and link.", name)
            : types;
    }

    /// <summary>The parameters that creation, update and confirmation share. Throws before it changes anything of an intent that exists.</summary>
    static PaymentMethod? Fill(StripeCall call, PaymentIntent intent)
    {
        var form = call.Form;
        var capture = form.OneOf("capture_method", "automatic", "automatic_async", "manual");
        if (capture == "manual")
        {
            throw StripeError.Invalid("The simulator captures automatically only.", "capture_method");
        }

        var method = form.Text("payment_method") is { } id ? PaymentMethods.Usable(call, id, "payment_method") : null;
        if (method is not null)
        {
            CheckMethod(intent, method);
        }

        var usage = form.OneOf("setup_future_usage", "on_session", "off_session");
        var secure = form.OneOf("payment_method_options[card][request_three_d_secure]", "any", "automatic", "challenge");
        if (form.Text("statement_descriptor_suffix") is { Length: > 22 })
        {
            throw StripeError.Invalid("The statement descriptor suffix may have up to 22 characters.", "statement_descriptor_suffix");
        }

        intent.Metadata = form.Metadata(intent.Metadata);
        intent.CaptureMethod = capture ?? intent.CaptureMethod;
        intent.Description = form.Has("description") ? form.Text("description") : intent.Description;
        intent.ReceiptEmail = form.Has("receipt_email") ? form.Text("receipt_email") : intent.ReceiptEmail;
        intent.StatementDescriptor = form.Text("statement_descriptor") ?? intent.StatementDescriptor;
        intent.StatementDescriptorSuffix = form.Text("statement_descriptor_suffix") ?? intent.StatementDescriptorSuffix;
        intent.TransferGroup = form.Text("transfer_group") ?? intent.TransferGroup;
        intent.SetupFutureUsage = usage ?? intent.SetupFutureUsage;
        intent.RequestThreeDSecure = secure ?? intent.RequestThreeDSecure;
        intent.ReturnUrl = form.Text("return_url") ?? intent.ReturnUrl;
        if (form.Has("shipping"))
        {
            intent.Shipping = new Shipping { Address = Address.Read(form, "shipping[address]") ?? new Address(), Name = form.Text("shipping[name]"), Phone = form.Text("shipping[phone]") };
        }

        if (method is not null)
        {
            intent.PaymentMethod = method.Id;
            if (intent.Status == "requires_payment_method")
            {
                intent.Status = "requires_confirmation";
            }
        }

        return method;
    }

    static void CheckMethod(PaymentIntent intent, PaymentMethod method)
    {
        if (method.Spent)
        {
            throw StripeError.Invalid("The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.", "payment_method");
        }

        if (method.Customer is not null && intent.Customer is null)
        {
            throw StripeError.Invalid($"The PaymentMethod {method.Id} is attached to a customer, so for security purposes you must provide the customer in the request.", "payment_method");
        }

        if (method.Customer is not null && method.Customer != intent.Customer)
        {
            throw StripeError.Invalid($"The provided PaymentMethod cannot be attached. The payment method {method.Id} belongs to another customer than this PaymentIntent's.", "payment_method");
        }

        if (!intent.PaymentMethodTypes.Contains(method.Type))
        {
            throw StripeError.Invalid(
                $"The PaymentMethod provided ({method.Type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod with one of the following types: {string.Join(", ", intent.PaymentMethodTypes)}.",
                "payment_method", "payment_intent_incompatible_payment_method");
        }

        if (method.Behaviour.Currency is { } only && only != intent.Currency)
        {
            throw StripeError.Invalid($"The currency provided ({intent.Currency}) is invalid for {method.Type}: it settles in {only} only.", "currency", "payment_intent_invalid_parameter");
        }
    }

    static void Keep(Simulation simulation, PaymentMethod? method)
    {
        if (method is { Sequence: 0 })
        {
            simulation.PaymentMethods.Save(method);
        }
    }

    static byte[] Update(StripeCall call)
    {
        var intent = Needed(call);
        var form = call.Form;
        var open = intent.Status is "requires_payment_method" or "requires_confirmation" or "requires_action";
        foreach (var param in (ReadOnlySpan<string>)["amount", "currency", "customer", "payment_method", "payment_method_types", "allowed_payment_method_types", "setup_future_usage", "transfer_group", "receipt_email"])
        {
            if (!open && form.Has(param))
            {
                throw Unexpected(intent, $"This PaymentIntent's {param} could not be updated because it has a status of {intent.Status}. You may only update the {param} of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.");
            }
        }

        var currency = form.Has("currency") ? StripeCurrencies.Read(form) : intent.Currency;
        var amount = form.Has("amount") ? StripeCurrencies.ReadAmount(form, currency) : intent.Amount;
        StripeCurrencies.Check(amount, currency);
        StripeCurrencies.CheckCharge(amount, currency);
        var customer = Customers.Named(call);
        if (intent.Customer is not null && customer is not null && customer.Id != intent.Customer)
        {
            throw StripeError.Invalid("You cannot modify `customer` on a PaymentIntent once it already has been set. To fulfill a payment with a different Customer, cancel this PaymentIntent and create a new one.", "customer");
        }

        var types = ReadTypes(form) ?? intent.PaymentMethodTypes;
        var former = intent.Customer;
        intent.Customer ??= customer?.Id;
        PaymentMethod? method;
        try
        {
            method = Fill(call, intent);
        }
        catch (StripeError)
        {
            intent.Customer = former;
            throw;
        }

        (intent.Currency, intent.Amount, intent.PaymentMethodTypes) = (currency, amount, types);
        Keep(call.Simulation, method);
        call.Simulation.PaymentIntents.Save(intent);
        if (former is null && intent.Customer is not null)
        {
            call.Simulation.PaymentIntents.Reindex(0, intent);
        }

        return call.Ok(intent);
    }

    static byte[] Cancel(StripeCall call)
    {
        var intent = Needed(call);
        var reason = call.Form.OneOf("cancellation_reason", "duplicate", "fraudulent", "requested_by_customer", "abandoned");
        if (intent.Status is not ("requires_payment_method" or "requires_confirmation" or "requires_action"))
        {
            throw Unexpected(intent, $"You cannot cancel this PaymentIntent because it has a status of {intent.Status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.");
        }

        (intent.Status, intent.CanceledAt, intent.CancellationReason, intent.NextAction) = ("canceled", call.Simulation.Now, reason, null);
        call.Simulation.PaymentIntents.Save(intent);
        call.Simulation.Emit("payment_intent.canceled", intent);
        return call.Ok(intent);
    }

    static StripeError Unexpected(PaymentIntent intent, string message)
        => new(400, "invalid_request_error", "payment_intent_unexpected_state", message) { PaymentIntent = intent, Kept = true };

    static byte[] Confirm(StripeCall call, PaymentIntent intent, PaymentMethod? fresh = null)
    {
        var simulation = call.Simulation;
        var form = call.Form;
        if (intent.Status is not ("requires_payment_method" or "requires_confirmation" or "requires_action"))
        {
            throw Unexpected(intent, intent.Status == "succeeded"
                ? "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
                : $"You cannot confirm this PaymentIntent because it has a status of {intent.Status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.");
        }

        if (intent.PaymentMethod is null && !form.Has("payment_method"))
        {
            throw Unexpected(intent, "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.");
        }

        // Besides a flag Stripe takes the reason: one_off or recurring.
        var absent = form.OneOf("off_session", "true", "false", "one_off", "recurring") is not (null or "false");
        if (absent && call.Browser)
        {
            throw StripeError.Invalid("off_session payments cannot be confirmed with a publishable key.", "off_session");
        }

        if (intent.AutomaticPaymentMethods is { AllowRedirects: not "never" } && !form.Has("return_url") && intent.ReturnUrl is null && !absent)
        {
            throw StripeError.Invalid(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. "
                + "If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.", "return_url");
        }

        var noAction = form.Flag("error_on_requires_action") == true;
        // A new intent was filled by its creation already.
        var created = intent.Sequence == 0;
        var method = created ? fresh : Fill(call, intent);
        if (!created && method is null)
        {
            method = simulation.PaymentMethods.Find(intent.PaymentMethod!)!;
            CheckMethod(intent, method);
        }

        Keep(simulation, method);
        (intent.LastPaymentError, intent.NextAction) = (null, null);
        simulation.PaymentIntents.Save(intent);
        if (created)
        {
            var status = intent.Status;
            intent.Status = "requires_confirmation";
            simulation.Emit("payment_intent.created", intent);
            intent.Status = status;
        }

        Attempt(simulation, intent, method!, absent, noAction);
        return call.Ok(intent);
    }

    static void Attempt(Simulation simulation, PaymentIntent intent, PaymentMethod method, bool absent, bool noAction)
    {
        var card = method.Behaviour;
        var wanted = card.Authentication == Authentication.Always
            || (card.Authentication == Authentication.UnlessSetUp && !(absent && (method.SetUp || card.Name.EndsWith("SetupForOffSession", StringComparison.Ordinal))))
            || (card.Type == "card" && intent.RequestThreeDSecure is "any" or "challenge" && !absent);
        if (wanted && !absent && !noAction)
        {
            intent.Status = "requires_action";
            intent.NextAction = Action(simulation, intent);
            simulation.PaymentIntents.Save(intent);
            simulation.Emit("payment_intent.requires_action", intent);
            return;
        }

        if (wanted)
        {
            throw Decline(simulation, intent, method, ("authentication_required", absent ? "authentication_required" : null,
                absent ? "Your card was declined. This transaction requires authentication." : "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're ready, you can upgrade your integration to handle actions at https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."), charged: absent);
        }

        Charge(simulation, intent, method, authenticated: false);
    }

    static NextAction Action(Simulation simulation, PaymentIntent intent)
    {
        var page = new Uri(simulation.Settings.Api, $"/3ds/{intent.Id}").ToString();
        return intent.ReturnUrl is not null
            ? new NextAction { Type = "redirect_to_url", RedirectToUrl = new RedirectToUrl { ReturnUrl = intent.ReturnUrl, Url = page } }
            : new NextAction { Type = "use_stripe_sdk", UseStripeSdk = new JsonObject { ["type"] = "three_d_secure_redirect", ["stripe_js"] = page, ["source"] = StripeObject.NewId("src_") } };
    }

    /// <summary>The bank is asked for the money. Throws the card's refusal, after it is recorded.</summary>
    static void Charge(Simulation simulation, PaymentIntent intent, PaymentMethod method, bool authenticated)
    {
        var card = method.Behaviour;
        intent.NextAction = null;
        if (card.ProcessingSeconds is { } seconds)
        {
            intent.Status = "processing";
            intent.Due = simulation.Now + seconds;
            intent.LatestCharge = Charges.Begin(simulation, intent, method).Id;
            simulation.PaymentIntents.Save(intent);
            simulation.Emit("payment_intent.processing", intent);
            return;
        }

        if (card.Decline is { } decline)
        {
            throw Decline(simulation, intent, method, decline, charged: true);
        }

        Succeed(simulation, intent, method, Charges.Begin(simulation, intent, method, authenticated));
    }

    static void Succeed(Simulation simulation, PaymentIntent intent, PaymentMethod method, Charge charge)
    {
        if (authenticatedForLater(intent, charge))
        {
            method.SetUp = true;
        }

        if (intent.Customer is not null && intent.SetupFutureUsage is not null && method.Customer is null)
        {
            PaymentMethods.Attach(simulation, method, simulation.Customers.Find(intent.Customer)!);
        }
        else if (method.Customer is null)
        {
            method.Spent = true;
        }

        simulation.PaymentMethods.Save(method);
        (intent.Status, intent.AmountReceived, intent.LatestCharge, intent.LastPaymentError) = ("succeeded", intent.Amount, charge.Id, null);
        simulation.PaymentIntents.Save(intent);
        Charges.Succeed(simulation, charge, method.Behaviour, () => simulation.Emit("payment_intent.succeeded", intent));

        static bool authenticatedForLater(PaymentIntent intent, Charge charge) => intent.SetupFutureUsage is not null && charge.Authenticated;
    }

    static StripeError Decline(Simulation simulation, PaymentIntent intent, PaymentMethod method, (string Code, string? DeclineCode, string Message) decline, bool charged, Charge? pending = null)
    {
        var charge = charged ? Charges.Fail(simulation, pending ?? Charges.Begin(simulation, intent, method), decline) : null;
        intent.LatestCharge = charge?.Id ?? intent.LatestCharge;
        FailAttempt(simulation, intent, method, decline, charge, charged ? "card_error" : "invalid_request_error");
        return new StripeError(402, "card_error", decline.Code, decline.Message) { DeclineCode = decline.DeclineCode, Charge = charge?.Id, PaymentIntent = intent, PaymentMethod = method, Kept = true };
    }

    static void FailAttempt(Simulation simulation, PaymentIntent intent, PaymentMethod method, (string Code, string? DeclineCode, string Message) failure, Charge? charge, string type)
    {
        intent.LastPaymentError = new PaymentError { Charge = charge?.Id, Code = failure.Code, DeclineCode = failure.DeclineCode, Message = failure.Message, PaymentMethod = method, Type = type };
        (intent.Status, intent.PaymentMethod, intent.NextAction, intent.Due) = ("requires_payment_method", null, null, null);
        simulation.PaymentIntents.Save(intent);
        simulation.Emit("payment_intent.payment_failed", intent);
    }

    /// <summary>The payer answers the bank's question; null when there is none to answer.</summary>
    public static StripeError? Authenticated(Simulation simulation, PaymentIntent intent, bool passed)
    {
        if (intent.Status != "requires_action")
        {
            return Unexpected(intent, $"The payment {intent.Id} waits for no authentication: it has a status of {intent.Status}.");
        }

        var method = simulation.PaymentMethods.Find(intent.PaymentMethod!)!;
        if (!passed)
        {
            FailAttempt(simulation, intent, method, ("payment_intent_authentication_failure", null,
                "We are unable to authenticate your payment method. Please choose a different payment method and try again."), null, "card_error");
            return null;
        }

        try
        {
            Charge(simulation, intent, method, authenticated: true);
        }
        catch (StripeError)
        {
            // The payer's page has nothing to do with the decline: it is recorded in the intent and reported by webhook.
        }

        return null;
    }

    /// <summary>The outcome of a delayed payment.</summary>
    public static void Settle(Simulation simulation, PaymentIntent intent)
    {
        if (intent.Status == "processing")
        {
            Settle(simulation, intent, simulation.PaymentMethods.Find(intent.PaymentMethod!)!.Behaviour.Decline);
        }
    }

    public static void Settle(Simulation simulation, PaymentIntent intent, (string Code, string? DeclineCode, string Message)? decline)
    {
        var method = simulation.PaymentMethods.Find(intent.PaymentMethod!)!;
        var charge = simulation.Charges.Find(intent.LatestCharge!)!;
        intent.Due = null;
        if (decline is { } refused)
        {
            Decline(simulation, intent, method, refused, charged: true, charge);
        }
        else
        {
            Succeed(simulation, intent, method, charge);
        }
    }
}
