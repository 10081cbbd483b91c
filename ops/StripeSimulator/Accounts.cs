using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class Account : StripeObject, IDated
{
    static readonly string[] Asked =
        ["business_profile.url", "external_account", "individual.address.city", "individual.dob.day", "individual.first_name", "individual.last_name", "tos_acceptance.date", "tos_acceptance.ip"];

    public string Object => "account";
    public JsonObject BusinessProfile => new()
    {
        ["annual_revenue"] = null, ["estimated_worker_count"] = null, ["mcc"] = "8299", ["minority_owned_business_designation"] = null, ["name"] = BusinessName, ["product_description"] = null,
        ["support_address"] = null, ["support_email"] = null, ["support_phone"] = null, ["support_url"] = null, ["url"] = null,
    };
    public string? BusinessType { get; set; }
    public Dictionary<string, string> Capabilities { get; set; } = [];
    public bool ChargesEnabled { get; set; }
    public JsonObject Controller => Kind == "standard"
        ? new() { ["type"] = "account" }
        : new()
        {
            ["fees"] = new JsonObject { ["payer"] = Kind == "express" ? "application_express" : "application_custom" },
            ["is_controller"] = true,
            ["losses"] = new JsonObject { ["payments"] = "application" },
            ["requirement_collection"] = Kind == "express" ? "stripe" : "application",
            ["stripe_dashboard"] = new JsonObject { ["type"] = Kind == "express" ? "express" : "none" },
            ["type"] = "application",
        };
    public string Country { get; set; } = "US";
    public long Created { get; set; }
    public string DefaultCurrency { get; set; } = "usd";
    public bool DetailsSubmitted { get; set; }
    public string? Email { get; set; }
    public ExternalAccounts ExternalAccounts => new(Id, Banks);
    public Requirements FutureRequirements => new([], null);
    public Dictionary<string, string> Metadata { get; set; } = [];
    public bool PayoutsEnabled { get; set; }
    public Requirements Requirements => Restricted
        ? new(["individual.verification.document"], "requirements.past_due")
        : DetailsSubmitted ? new([], null) : new([.. Asked], "requirements.past_due");
    public JsonObject Settings => new()
    {
        ["bacs_debit_payments"] = new JsonObject { ["display_name"] = null, ["service_user_number"] = null },
        ["branding"] = new JsonObject { ["icon"] = null, ["logo"] = null, ["primary_color"] = null, ["secondary_color"] = null },
        ["card_issuing"] = new JsonObject { ["tos_acceptance"] = new JsonObject { ["date"] = null, ["ip"] = null } },
        ["card_payments"] = new JsonObject { ["decline_on"] = new JsonObject { ["avs_failure"] = false, ["cvc_failure"] = false }, ["statement_descriptor_prefix"] = null, ["statement_descriptor_prefix_kana"] = null, ["statement_descriptor_prefix_kanji"] = null },
        ["dashboard"] = new JsonObject { ["display_name"] = null, ["timezone"] = "Etc/UTC" },
        ["invoices"] = new JsonObject { ["default_account_tax_ids"] = null, ["hosted_payment_method_save"] = null },
        ["payments"] = new JsonObject { ["statement_descriptor"] = null, ["statement_descriptor_kana"] = null, ["statement_descriptor_kanji"] = null, ["statement_descriptor_prefix_kana"] = null, ["statement_descriptor_prefix_kanji"] = null },
        ["payouts"] = new JsonObject { ["debit_negative_balances"] = false, ["schedule"] = new JsonObject { ["delay_days"] = 2, ["interval"] = PayoutInterval }, ["statement_descriptor"] = null },
        ["sepa_debit_payments"] = new JsonObject(),
    };
    public JsonObject TosAcceptance => new() { ["date"] = AcceptedAt };
    public string Type => Kind == "controller" ? "none" : Kind;

    /// <summary>express, standard, custom, or controller for accounts made by its properties alone.</summary>
    [JsonPropertyName(SimulatorJson.Own + "kind")]
    public string Kind { get; set; } = "express";

    [JsonPropertyName(SimulatorJson.Own + "name")]
    public string? BusinessName { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "banks")]
    public List<BankAccount> Banks { get; set; } = [];

    [JsonPropertyName(SimulatorJson.Own + "interval")]
    public string PayoutInterval { get; set; } = "daily";

    [JsonPropertyName(SimulatorJson.Own + "accepted")]
    public long? AcceptedAt { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "restricted")]
    public bool Restricted { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "return_url")]
    public string? ReturnUrl { get; set; }

    [JsonPropertyName(SimulatorJson.Own + "deleted")]
    public bool Deleted { get; set; }
}

sealed class ExternalAccounts(string account, List<BankAccount> banks)
{
    public string Object => "list";
    public List<BankAccount> Data => banks;
    public bool HasMore => false;
    public int TotalCount => banks.Count;
    public string Url => $"/v1/accounts/{account}/external_accounts";
}

sealed class Requirements(List<string> due, string? disabled)
{
    public JsonArray Alternatives => [];
    public long? CurrentDeadline => null;
    public List<string> CurrentlyDue => due;
    public string? DisabledReason => disabled;
    public JsonArray Errors => [];
    public List<string> EventuallyDue => due;
    public List<string> PastDue => disabled is null ? [] : due;
    public List<string> PendingVerification => [];
}

sealed class BankAccount : StripeObject
{
    public string Object => "bank_account";
    public string? Account { get; set; }
    public string? AccountHolderName => null;
    public string? AccountHolderType => "individual";
    public string? AccountType => null;
    public List<string> AvailablePayoutMethods => ["standard"];
    public string BankName => "STRIPE TEST BANK";
    public string Country { get; set; } = "US";
    public string Currency { get; set; } = "usd";
    public bool DefaultForCurrency { get; set; } = true;
    public string Fingerprint => "1JWtPxqbdX5Gamtz";
    [JsonPropertyName("last4")]
    public string Last4 { get; set; } = "6789";
    public Dictionary<string, string> Metadata { get; set; } = [];
    public string RoutingNumber => "110000000";
    public string Status { get; set; } = "new";

    /// <summary>Why payouts to it fail; null where they arrive.</summary>
    [JsonPropertyName(SimulatorJson.Own + "failure")]
    public string? Failure { get; set; }
}

sealed class AccountLink
{
    public string Object => "account_link";
    public long Created { get; set; }
    public long ExpiresAt { get; set; }
    public string Url { get; set; } = "";
}

sealed class LoginLink
{
    public string Object => "login_link";
    public long Created { get; set; }
    public string Url { get; set; } = "";
}

sealed class DeletedAccount
{
    public string Id { get; set; } = "";
    public string Object => "account";
    public bool Deleted => true;
}

static class Accounts
{
    const string Fields = "business_profile business_type capabilities company controller default_currency documents email external_account groups individual metadata settings tos_acceptance";

    public static void Map(StripeRequests api)
    {
        api.On("POST", "/v1/accounts", Create, Fields + " country type");
        api.On("GET", "/v1/accounts", call => call.Page(call.Simulation.Accounts.Of(call.Account), account => !account.Deleted), "limit starting_after ending_before created");
        api.On("GET", "/v1/accounts/{id}", call => call.Ok(Needed(call)));
        api.On("GET", "/v1/account", call => call.Ok(call.Account is null
            ? new Account { Id = "acct_platform000000000000", Kind = "standard", ChargesEnabled = true, DetailsSubmitted = true, PayoutsEnabled = true, Capabilities = { ["card_payments"] = "active", ["transfers"] = "active" } }
            : call.Simulation.Accounts.Find(call.Account)!));
        api.On("POST", "/v1/accounts/{id}", Update, Fields);
        api.On("DELETE", "/v1/accounts/{id}", Delete);
        api.On("POST", "/v1/accounts/{id}/external_accounts", AddBank, "external_account default_for_currency metadata");
        api.On("GET", "/v1/accounts/{id}/external_accounts", call => StripeCall.Plain(Needed(call).ExternalAccounts), "limit object starting_after ending_before");
        api.On("POST", "/v1/account_links", Link, "account refresh_url return_url type collect collection_options");
        api.On("POST", "/v1/accounts/{id}/login_links", LogIn);
    }

    static Account Needed(StripeCall call) => Find(call.Simulation, call.Path("id"))
        ?? throw new StripeError(403, "invalid_request_error", "account_invalid", $"The provided key does not have access to account '{call.Path("id")}' (or that account does not exist). Application access may have been revoked.");

    public static Account? Find(Simulation simulation, string id) => simulation.Accounts.Find(id) is { Deleted: false } account ? account : null;

    static byte[] Create(StripeCall call)
    {
        var form = call.Form;
        var country = form.Text("country")?.ToUpperInvariant() ?? "US";
        var kind = form.OneOf("type", "express", "standard", "custom") ?? (form.Text("controller[stripe_dashboard][type]") == "express" ? "express" : form.Has("controller") ? "controller" : "standard");
        if (form.Has("type") && form.Has("controller"))
        {
            throw StripeError.Invalid("You may only specify one of these parameters: type, controller.", "type");
        }

        var account = new Account { Kind = kind, Country = country, DefaultCurrency = CurrencyOf(country), Created = call.Simulation.Now };
        if (form.Text("default_currency") is { } currency)
        {
            account.DefaultCurrency = StripeCurrencies.Known(currency, "default_currency");
        }

        Fill(account, form);
        call.Simulation.Accounts.Save(account);
        call.Simulation.Emit("account.updated", account);
        return call.Ok(account);
    }

    static string CurrencyOf(string country)
    {
        try
        {
            return country.Length == 2 ? new RegionInfo(country).ISOCurrencySymbol.ToLowerInvariant() : throw new ArgumentException("Two letters are expected.", nameof(country));
        }
        catch (ArgumentException)
        {
            throw StripeError.Invalid($"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'.", "country", "country_unsupported");
        }
    }

    static void Fill(Account account, FormParameters form)
    {
        var interval = form.OneOf("settings[payouts][schedule][interval]", "manual", "daily", "weekly", "monthly");
        var requested = new Dictionary<string, bool>();
        foreach (var (key, _) in form.Entries("capabilities"))
        {
            var name = key.Split(']')[0];
            requested[name] = form.Flag($"capabilities[{name}][requested]") ?? false;
        }

        var bank = form.Text("external_account") is { } token ? Bank(account, token) : null;
        account.Metadata = form.Metadata(account.Metadata);
        foreach (var (name, wanted) in requested)
        {
            if (!wanted)
            {
                account.Capabilities.Remove(name);
            }
            else if (!account.Capabilities.ContainsKey(name))
            {
                account.Capabilities[name] = account.DetailsSubmitted && !account.Restricted ? "active" : "inactive";
            }
        }

        account.PayoutInterval = interval ?? account.PayoutInterval;
        account.Email = form.Has("email") ? form.Text("email") : account.Email;
        account.BusinessType = form.Text("business_type") ?? account.BusinessType;
        account.BusinessName = form.Text("business_profile[name]") ?? account.BusinessName;
        if (bank is not null)
        {
            account.Banks.Add(bank);
        }
    }

    /// <summary>Stripe's test bank accounts by their tokens, btok_us_verified_noAccount and the like.</summary>
    static BankAccount Bank(Account account, string token)
    {
        var failure = token switch
        {
            "btok_us_verified" or "btok_us" => null,
            "btok_us_verified_noAccount" => "no_account",
            "btok_us_verified_accountClosed" => "account_closed",
            "btok_us_verified_insufficientFunds" => "insufficient_funds",
            "btok_us_verified_debitNotAuthorized" => "debit_not_authorized",
            "btok_us_verified_invalidCurrency" => "invalid_currency",
            _ => throw StripeError.NoSuch("token", token, "external_account"),
        };
        return NewBank(account, failure);
    }

    static BankAccount NewBank(Account account, string? failure) => new()
    {
        Id = StripeObject.NewId("ba_"),
        Account = account.Id.Length == 0 ? null : account.Id,
        Country = account.Country,
        Currency = account.DefaultCurrency,
        DefaultForCurrency = account.Banks.Count == 0,
        Failure = failure,
        Last4 = failure switch { null => "6789", "no_account" => "1116", "account_closed" => "1113", "insufficient_funds" => "2227", "debit_not_authorized" => "3335", _ => "4443" },
    };

    static byte[] Update(StripeCall call)
    {
        var account = Needed(call);
        Fill(account, call.Form);
        call.Simulation.Accounts.Save(account);
        call.Simulation.Emit("account.updated", account);
        return call.Ok(account);
    }

    static byte[] Delete(StripeCall call)
    {
        var account = Needed(call);
        if (call.Simulation.Balances.All.Any(purse => purse.Owner == account.Id && purse.Available + purse.Pending != 0))
        {
            throw StripeError.Refused("account_invalid", $"Account {account.Id} cannot be deleted: its balance is not zero.");
        }

        account.Deleted = true;
        call.Simulation.Accounts.Save(account);
        call.Simulation.Emit("account.application.deauthorized", account);
        return StripeCall.Plain(new DeletedAccount { Id = account.Id });
    }

    static byte[] AddBank(StripeCall call)
    {
        var account = Needed(call);
        var bank = Bank(account, call.Form.Needed("external_account"));
        if (call.Form.Flag("default_for_currency") == true)
        {
            account.Banks.ForEach(other => other.DefaultForCurrency = false);
            bank.DefaultForCurrency = true;
        }

        account.Banks.Add(bank);
        call.Simulation.Accounts.Save(account);
        call.Simulation.Emit("account.external_account.created", bank, owner: account.Id);
        return call.Ok(bank);
    }

    static byte[] Link(StripeCall call)
    {
        var id = call.Form.Needed("account");
        var account = Find(call.Simulation, id) ?? throw StripeError.NoSuch("account", id, "account");
        call.Form.Needed("type");
        call.Form.OneOf("type", "account_onboarding", "account_update");
        call.Form.Needed("refresh_url");
        account.ReturnUrl = call.Form.Needed("return_url");
        call.Simulation.Accounts.Save(account);
        return StripeCall.Plain(new AccountLink
        {
            Created = call.Simulation.Now,
            ExpiresAt = call.Simulation.Now + 300,
            Url = new Uri(call.Simulation.Settings.Api, $"/connect/onboarding/{account.Id}").ToString(),
        });
    }

    static byte[] LogIn(StripeCall call)
    {
        var account = Needed(call);
        if (account.Kind != "express" || !account.DetailsSubmitted)
        {
            throw StripeError.Invalid(account.Kind == "express" ? "Cannot create a login link for an account that has not completed onboarding." : $"Cannot create a login link for account {account.Id}: it is not an Express account.");
        }

        return StripeCall.Plain(new LoginLink { Created = call.Simulation.Now, Url = new Uri(call.Simulation.Settings.Api, $"/connect/onboarding/{account.Id}").ToString() });
    }

    /// <summary>Stripe's hosted form: buttons instead of questions.</summary>
    public static void MapPages(WebApplication app)
    {
        var simulation = app.Services.GetRequiredService<Simulation>();
        app.MapGet("/connect/onboarding/{id}", (string id) =>
        {
            lock (simulation.Gate)
            {
                return Find(simulation, id) is not { } account ? Results.NotFound() : Results.Content($"""
                    <!doctype html>
                    <html lang="en">
                    <head><meta charset="utf-8"><title>Test onboarding</title></head>
                    <body style="font-family: sans-serif; max-width: 30em; margin: 4em auto">
                    <h1>Test onboarding</h1>
                    <p>Account {WebUtility.HtmlEncode(account.Id)}: payouts are {(account.PayoutsEnabled ? "enabled" : "not enabled yet")}.</p>
                    <form method="post" action="/connect/onboarding/{account.Id}/complete"><button>Complete the form</button></form>
                    <form method="post" action="/connect/onboarding/{account.Id}/restrict"><button>Be asked for more documents</button></form>
                    </body>
                    </html>
                    """, "text/html", Encoding.UTF8);
            }
        });
        app.MapPost("/connect/onboarding/{id}/complete", (string id, string? bank, HttpContext http) => Answer(simulation, http, id, account => Complete(simulation, account, bank)));
        app.MapPost("/connect/onboarding/{id}/restrict", (string id, HttpContext http) => Answer(simulation, http, id, account => Restrict(simulation, account)));
    }

    static IResult Answer(Simulation simulation, HttpContext http, string id, Action<Account> change)
    {
        lock (simulation.Gate)
        {
            if (Find(simulation, id) is not { } account)
            {
                return Results.NotFound();
            }

            try
            {
                change(account);
            }
            catch (StripeError error)
            {
                return new Answered(error.Status, error.Body(""));
            }

            simulation.Commit();
            if (http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal) && account.ReturnUrl is not null)
            {
                http.Response.Headers.Location = account.ReturnUrl;
                return Results.StatusCode(303);
            }

            return new Answered(200, StripeCall.Plain(account));
        }
    }

    /// <param name="simulation">All there is.</param>
    /// <param name="account">Whose form it is.</param>
    /// <param name="bank">The failure of payouts to its bank, such as noAccount; null for a bank that takes them.</param>
    static void Complete(Simulation simulation, Account account, string? bank)
    {
        var isNew = account.Banks.Count == 0 || bank is not null;
        if (isNew)
        {
            var token = bank is null ? "btok_us_verified" : $"btok_us_verified_{bank}";
            var added = Bank(account, token);
            account.Banks.Clear();
            added.DefaultForCurrency = true;
            account.Banks.Add(added);
        }

        (account.DetailsSubmitted, account.ChargesEnabled, account.PayoutsEnabled, account.Restricted) = (true, true, true, false);
        account.AcceptedAt ??= simulation.Now;
        foreach (var capability in account.Capabilities.Keys.ToArray())
        {
            account.Capabilities[capability] = "active";
        }

        simulation.Accounts.Save(account);
        if (isNew)
        {
            simulation.Emit("account.external_account.created", account.Banks[0], owner: account.Id);
        }

        simulation.Emit("account.updated", account, """{"details_submitted":false,"payouts_enabled":false}""");
    }

    static void Restrict(Simulation simulation, Account account)
    {
        (account.DetailsSubmitted, account.ChargesEnabled, account.PayoutsEnabled, account.Restricted) = (true, false, false, true);
        foreach (var capability in account.Capabilities.Keys.ToArray())
        {
            account.Capabilities[capability] = "inactive";
        }

        simulation.Accounts.Save(account);
        simulation.Emit("account.updated", account);
    }
}
