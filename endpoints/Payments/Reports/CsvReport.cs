using System.Globalization;
using System.Text;
using EdTech.Contracts;
using Microsoft.AspNetCore.Http;

namespace EdTech.Payments;

/// <summary>A report as a table (RFC 4180): a row of names, then rows of values, for spreadsheets and book-keeping.</summary>
sealed class CsvReport
{
    readonly StringBuilder _text = new();

    public CsvReport(params ReadOnlySpan<string> columns) => Row(columns);

    /// <summary>Whether a caller's <c>format</c> asks for a table; null stands for JSON, and so does whatever the gateway would not let through.</summary>
    public static bool IsWanted(string? format) => format == "csv";

    /// <summary>An amount as people write it, with the currency's digits and without its code: <c>12.50</c>, <c>1250</c>, <c>1.250</c>.</summary>
    public static string Decimal(Money money)
    {
        var digits = Currencies.Digits(money.Currency);
        var unit = digits switch { 0 => 1m, 3 => 1000m, _ => 100m };
        return (money.MinorUnits / unit).ToString($"F{digits}", CultureInfo.InvariantCulture);
    }

    public static string Instant(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public void Row(params ReadOnlySpan<string> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
                _text.Append(',');
            Append(values[i]);
        }

        _text.Append("\r\n");
    }

    public IResult Answer() => Results.Text(_text.ToString(), "text/csv; charset=utf-8; header=present");

    void Append(string value)
    {
        if (value.AsSpan().IndexOfAny(",\"\r\n") < 0)
            _text.Append(value);
        else
            _text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
