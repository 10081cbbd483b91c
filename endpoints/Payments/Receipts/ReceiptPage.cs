using System.Globalization;
using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Payments;

namespace EdTech.Payments;

/// <summary>The receipt for people: a page without scripts, styles or anything fetched from elsewhere, in mails as well as in browsers.</summary>
static class ReceiptPage
{
    /// <summary>The receipt's lines; the page and the PDF show the same.</summary>
    public static IEnumerable<(string Name, string Value)> Lines(ReceiptView receipt, string payer)
    {
        yield return ("Receipt", receipt.Number);
        yield return ("Paid on", receipt.PaidAt.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture));
        yield return ("Paid by", payer);
        yield return ("For", receipt.Lessons > 1 ? string.Create(CultureInfo.InvariantCulture, $"{receipt.Title} ({receipt.Lessons} lessons)") : receipt.Title);
        yield return ("Paid", MoneyText.Of(receipt.Paid));
        if (receipt.Refunded.MinorUnits > 0)
        {
            yield return ("Refunded", MoneyText.Of(receipt.Refunded));
            yield return ("Remains paid", MoneyText.Of(new Money(receipt.Paid.MinorUnits - receipt.Refunded.MinorUnits, receipt.Paid.Currency)));
        }

        yield return ("Purchase", receipt.PurchaseId.ToString());
    }

    public static string Html(ReceiptView receipt, string payer)
        => $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Receipt {receipt.Number}</title>
            </head>
            <body>
            <main>
            <h1>Receipt {receipt.Number}</h1>
            <table>
            {string.Join('\n', Lines(receipt, payer).Select(l => $"<tr><th scope=\"row\" align=\"left\">{l.Name}</th><td dir=\"auto\">{WebUtility.HtmlEncode(l.Value)}</td></tr>"))}
            </table>
            <p>Thank you for learning with EdTech.</p>
            </main>
            </body>
            </html>
            """;
}
