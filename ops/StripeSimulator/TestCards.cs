using System.Collections.Frozen;

namespace EdTech.StripeSimulator;

enum Authentication
{
    None,

    /// <summary>Asked when the payer is there; a card that was set up, or an absent payer, passes.</summary>
    UnlessSetUp,

    /// <summary>Asked at every payment; without the payer the bank declines.</summary>
    Always,
}

enum RefundBehaviour
{
    Succeeds,
    PendingThenSucceeds,
    SucceedsThenFails,
}

/// <summary>What a payment method of a given test name does.</summary>
sealed record TestCard(string Name)
{
    public string Type { get; init; } = "card";
    public string Brand { get; init; } = "visa";
    public string Last4 { get; init; } = "4242";
    public string Country { get; init; } = "US";
    public string Funding { get; init; } = "credit";
    public Authentication Authentication { get; init; }

    /// <summary>Error code, decline code and message of a declined payment.</summary>
    public (string Code, string? DeclineCode, string Message)? Decline { get; init; }

    /// <summary>The card cannot even be saved to a customer.</summary>
    public bool RefusesAttachment { get; init; }
    public string? Dispute { get; init; }
    public RefundBehaviour Refund { get; init; }
    public bool BypassPending { get; init; }

    /// <summary>How long a payment stays in processing; null settles at once.</summary>
    public long? ProcessingSeconds { get; init; }

    /// <summary>The decline of a delayed method comes after processing.</summary>
    public bool Delayed => ProcessingSeconds is not null;

    /// <summary>The one currency that the method settles in.</summary>
    public string? Currency { get; init; }
}

/// <summary>The test payment methods of Stripe's documentation, by their names.</summary>
static class TestCards
{
    const long Day = 24 * 60 * 60;
    const string Declined = "Your card was declined.";

    static readonly FrozenDictionary<string, TestCard> ByName = new TestCard[]
    {
        new("pm_card_visa"),
        new("pm_card_visa_debit") { Last4 = "5556", Funding = "debit" },
        new("pm_card_us"),
        new("pm_card_mastercard") { Brand = "mastercard", Last4 = "4444" },
        new("pm_card_mastercard_debit") { Brand = "mastercard", Last4 = "8210", Funding = "debit" },
        new("pm_card_mastercard_prepaid") { Brand = "mastercard", Last4 = "5100", Funding = "prepaid" },
        new("pm_card_amex") { Brand = "amex", Last4 = "8431" },
        new("pm_card_discover") { Brand = "discover", Last4 = "1117" },
        new("pm_card_diners") { Brand = "diners", Last4 = "0505" },
        new("pm_card_jcb") { Brand = "jcb", Last4 = "0505", Country = "JP" },
        new("pm_card_unionpay") { Brand = "unionpay", Last4 = "0005", Country = "CN" },
        new("pm_card_de") { Last4 = "0006", Country = "DE" },
        new("pm_card_fr") { Last4 = "0003", Country = "FR" },
        new("pm_card_gb") { Last4 = "0000", Country = "GB" },
        new("pm_card_jp") { Last4 = "0003", Country = "JP" },

        new("pm_card_authenticationRequired") { Last4 = "3184", Authentication = Authentication.Always },
        new("pm_card_authenticationRequiredOnSetup") { Last4 = "3155", Authentication = Authentication.UnlessSetUp },
        new("pm_card_authenticationRequiredSetupForOffSession") { Last4 = "0446", Authentication = Authentication.UnlessSetUp },
        new("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds") { Last4 = "3178", Authentication = Authentication.Always, Decline = ("card_declined", "insufficient_funds", "Your card has insufficient funds.") },
        new("pm_card_threeDSecure2Required") { Last4 = "3220", Authentication = Authentication.Always },
        new("pm_card_threeDSecureRequired") { Last4 = "3063", Authentication = Authentication.Always },
        new("pm_card_threeDSecureRequiredChargeDeclined") { Last4 = "1629", Authentication = Authentication.Always, Decline = ("card_declined", "generic_decline", Declined) },
        new("pm_card_threeDSecureOptional") { Last4 = "3055" },

        Declining("pm_card_visa_chargeDeclined", "0002", "card_declined", "generic_decline", Declined),
        Declining("pm_card_chargeDeclined", "0002", "card_declined", "generic_decline", Declined),
        Declining("pm_card_visa_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
        Declining("pm_card_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
        Declining("pm_card_visa_chargeDeclinedLostCard", "9987", "card_declined", "lost_card", Declined),
        Declining("pm_card_visa_chargeDeclinedStolenCard", "9979", "card_declined", "stolen_card", Declined),
        Declining("pm_card_visa_chargeDeclinedFraudulent", "0019", "card_declined", "fraudulent", Declined),
        Declining("pm_card_chargeDeclinedFraudulent", "0019", "card_declined", "fraudulent", Declined),
        Declining("pm_card_radarBlock", "0019", "card_declined", "fraudulent", Declined),
        Declining("pm_card_chargeDeclinedExpiredCard", "0069", "expired_card", null, "Your card has expired."),
        Declining("pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", null, "Your card's security code is incorrect."),
        Declining("pm_card_chargeDeclinedProcessingError", "0119", "processing_error", null, "An error occurred while processing your card. Try again in a little bit."),
        Declining("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "6975", "card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."),
        new("pm_card_chargeCustomerFail") { Last4 = "0341", Decline = ("card_declined", "generic_decline", Declined) },

        new("pm_card_createDispute") { Last4 = "0259", Dispute = "fraudulent" },
        new("pm_card_createDisputeProductNotReceived") { Last4 = "2685", Dispute = "product_not_received" },
        new("pm_card_pendingRefund") { Last4 = "7726", Refund = RefundBehaviour.PendingThenSucceeds },
        new("pm_card_refundFail") { Last4 = "5126", Refund = RefundBehaviour.SucceedsThenFails },
        new("pm_card_bypassPending") { Last4 = "0077", BypassPending = true },
        new("pm_card_bypassPendingInternational") { Last4 = "0278", BypassPending = true, Country = "GB" },

        AmericanBank("pm_usBankAccount"),
        AmericanBank("pm_usBankAccount_success"),
        AmericanBank("pm_usBankAccount_accountClosed") with { Decline = ("account_closed", "account_closed", "The customer's bank account has been closed.") },
        AmericanBank("pm_usBankAccount_noAccount") with { Decline = ("no_account", "no_account", "The customer's bank account could not be located.") },
        AmericanBank("pm_usBankAccount_insufficientFunds") with { Decline = ("insufficient_funds", "insufficient_funds", "The customer's account has insufficient funds to cover this payment.") },
        AmericanBank("pm_usBankAccount_debitNotAuthorized") with { Decline = ("debit_not_authorized", "debit_not_authorized", "The customer has notified their bank that this payment was unauthorized.") },
        Sepa("pm_success_de", 5 * Day),
        Sepa("pm_successDelayed_de", 14 * Day),
        Sepa("pm_failed_de", 5 * Day) with { Decline = ("generic_decline", "generic_decline", "The customer's bank declined this payment.") },
        Sepa("pm_failedDelayed_de", 14 * Day) with { Decline = ("generic_decline", "generic_decline", "The customer's bank declined this payment.") },
        Sepa("pm_insufficientFunds_de", 5 * Day) with { Decline = ("insufficient_funds", "insufficient_funds", "The customer's account has insufficient funds to cover this payment.") },
        Sepa("pm_disputed_de", 5 * Day) with { Dispute = "debit_not_authorized" },
    }.ToFrozenDictionary(card => card.Name);

    public static TestCard? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>tok_visa is the token of pm_card_visa.</summary>
    public static TestCard? FindByToken(string token) => token.StartsWith("tok_", StringComparison.Ordinal) ? Find("pm_card_" + token[4..]) : null;

    static TestCard Declining(string name, string last4, string code, string? declineCode, string message)
        => new(name) { Last4 = last4, Decline = (code, declineCode, message), RefusesAttachment = true };

    static TestCard AmericanBank(string name) => new(name) { Type = "us_bank_account", Last4 = "6789", ProcessingSeconds = 4 * Day, Currency = "usd" };

    static TestCard Sepa(string name, long seconds) => new(name) { Type = "sepa_debit", Last4 = "3201", Country = "DE", ProcessingSeconds = seconds, Currency = "eur" };
}
