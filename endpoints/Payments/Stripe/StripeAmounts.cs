using EdTech.Contracts;

namespace EdTech.Payments;

/// <summary>Where Stripe's amounts differ from ISO 4217's minor units (docs.stripe.com/currencies).</summary>
static class StripeAmounts
{
    /// <summary>
    /// Amounts of the currency have to be a multiple of this: Stripe wants the last of three digits to be 0. Prices, fees and shares are rounded to it, so that
    /// each of them can be charged, transferred and refunded.
    /// </summary>
    public static int Unit(string currency) => Currencies.Digits(currency) == 3 ? 10 : 1;

    /// <summary>Payouts in forint and Taiwan dollars are whole: Stripe charges them with two decimals and pays them out without.</summary>
    public static int PayoutUnit(string currency) => currency is "HUF" or "TWD" ? 100 : Unit(currency);

    /// <summary>Króna and shilling have no decimals any more, and two in Stripe's API.</summary>
    public static long ToStripe(Money money) => IsHundredfold(money.Currency) ? checked(money.MinorUnits * 100) : money.MinorUnits;

    public static Money FromStripe(long amount, string currency)
    {
        var code = currency.ToUpperInvariant();
        return new Money(IsHundredfold(code) ? amount / 100 : amount, code);
    }

    /// <summary>The least that can be charged, in our minor units: about 0.50 euro, as Stripe lists it. Null for currencies that are not sold.</summary>
    public static long? Minimum(string currency) => currency switch
    {
        "EUR" or "USD" or "CHF" or "AUD" or "CAD" or "NZD" or "SGD" or "BRL" => 50,
        "GBP" => 30,
        "SEK" or "NOK" => 300,
        "DKK" => 250,
        "PLN" => 200,
        "CZK" => 1500,
        "HUF" => 17500,
        "RON" => 200,
        "MXN" => 1000,
        "INR" => 50,
        "HKD" => 400,
        "AED" => 200,
        "JPY" => 50,
        "KRW" => 1000,
        "ISK" => 100,
        "CLP" => 500,
        "VND" => 15000,
        "KWD" or "BHD" or "OMR" or "JOD" => 200,
        "TND" => 2000,
        _ => null,
    };

    static bool IsHundredfold(string currency) => currency is "ISK" or "UGX";
}
