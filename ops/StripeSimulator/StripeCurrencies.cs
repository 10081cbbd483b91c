using System.Collections.Frozen;

namespace EdTech.StripeSimulator;

/// <summary>What Stripe documents about currencies: their decimals, the smallest charge, and our choice of its fees.</summary>
static class StripeCurrencies
{
    static readonly FrozenSet<string> ZeroDecimal = Set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf");
    static readonly FrozenSet<string> ThreeDecimal = Set("bhd jod kwd omr tnd");

    /// <summary>Without decimals in life, with two in the API, for compatibility: the last two digits must be zero.</summary>
    static readonly FrozenSet<string> WholeUnits = Set("isk ugx");

    static readonly FrozenSet<string> TwoDecimal = Set(
        "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp "
        + "gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad "
        + "ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd yer zar zmw");

    static readonly FrozenDictionary<string, long> Smallest = new Dictionary<string, long>
    {
        ["usd"] = 50, ["aed"] = 200, ["aud"] = 50, ["bgn"] = 100, ["brl"] = 50, ["cad"] = 50, ["chf"] = 50, ["czk"] = 1500, ["dkk"] = 250, ["eur"] = 50, ["gbp"] = 30,
        ["hkd"] = 400, ["huf"] = 17500, ["inr"] = 50, ["jpy"] = 50, ["mxn"] = 1000, ["myr"] = 200, ["nok"] = 300, ["nzd"] = 50, ["pln"] = 200, ["ron"] = 200,
        ["sek"] = 300, ["sgd"] = 50, ["thb"] = 1000,
    }.ToFrozenDictionary();

    static FrozenSet<string> Set(string codes) => codes.Split(' ').ToFrozenSet();

    public static int Decimals(string currency) => ZeroDecimal.Contains(currency) ? 0 : ThreeDecimal.Contains(currency) ? 3 : 2;

    /// <summary>The fee on a charge: 2.9 %, rounded half up, and a fixed part: 30 minor units, with three decimals 100 (and no last digit).</summary>
    public static long ChargeFee(string currency, long amount)
        => Decimals(currency) == 3
            ? ((amount * 29) + 5_000) / 10_000 * 10 + 100
            : ((amount * 29) + 500) / 1_000 + 30;

    /// <summary>The fee on a lost or countered dispute: 15.00, ¥1500, 5.000.</summary>
    public static long DisputeFee(string currency) => Decimals(currency) == 3 ? 5_000 : 1_500;

    public static string Read(FormParameters form) => Known(form.Needed("currency"), "currency");

    public static string Known(string code, string param)
    {
        var currency = code.ToLowerInvariant();
        return ZeroDecimal.Contains(currency) || ThreeDecimal.Contains(currency) || TwoDecimal.Contains(currency)
            ? currency
            : throw StripeError.Invalid($"Invalid currency: {currency}. Stripe currently supports these currencies: {string.Join(", ", TwoDecimal.Concat(ZeroDecimal).Concat(ThreeDecimal).Order(StringComparer.Ordinal))}", param);
    }

    /// <summary>A positive amount that the currency can express.</summary>
    public static long ReadAmount(FormParameters form, string currency)
    {
        if (form.Given("amount") is null)
        {
            throw StripeError.Missing("amount");
        }

        var amount = form.Number("amount") ?? throw StripeError.Invalid("Invalid integer: ", "amount", "parameter_invalid_empty");
        Check(amount, currency);
        return amount;
    }

    public static void Check(long amount, string currency)
    {
        if (amount < 1)
        {
            throw StripeError.Invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer");
        }

        if (amount > 99_999_999)
        {
            throw StripeError.Invalid($"Amount must be no more than 99999999 minor units of {currency}.", "amount", "amount_too_large");
        }

        var step = ThreeDecimal.Contains(currency) ? 10 : WholeUnits.Contains(currency) ? 100 : 1;
        if (amount % step != 0)
        {
            throw StripeError.Invalid($"Invalid amount {amount} for {currency}: it must be evenly divisible by {step}.", "amount", "parameter_invalid_integer");
        }
    }

    public static void CheckCharge(long amount, string currency)
    {
        if (Smallest.TryGetValue(currency, out var smallest) && amount < smallest)
        {
            throw StripeError.Invalid($"Amount must be at least {smallest} minor units of {currency}.", "amount", "amount_too_small");
        }
    }
}
