using System.Globalization;
using EdTech.Contracts.Payments;

namespace EdTech.Payments;

/// <summary>The receipt on one or more A4 pages, with its fonts in it: titles in Greek, Cyrillic and other alphabets show everywhere.</summary>
static class ReceiptPdf
{
    const double Margin = 56;
    const double ValueAt = 170;
    const double Size = 10;
    static readonly TrueTypeFont Regular = Embedded("DejaVuSans.ttf");
    static readonly TrueTypeFont Bold = Embedded("DejaVuSans-Bold.ttf");

    public static byte[] Write(ReceiptView receipt, string payer)
    {
        var pages = new PdfPages($"Receipt {receipt.Number}", receipt.PaidAt, Regular, Bold);
        pages.NewPage();
        pages.Line("EdTech", Regular, Size, Margin, Margin + 10);
        pages.Line($"Receipt {receipt.Number}", Bold, 20, Margin, Margin + 50);
        var top = Margin + 86;
        foreach (var (name, value) in ReceiptPage.Lines(receipt, payer))
        {
            var label = name;
            foreach (var line in Wrap(value, l => Regular.Width(l, Size), PdfPages.Width - Margin - ValueAt))
            {
                if (top > PdfPages.Height - Margin)
                {
                    pages.NewPage();
                    top = Margin + 10;
                }

                pages.Line(label, Bold, Size, Margin, top);
                pages.Line(line, Regular, Size, ValueAt, top);
                label = "";
                top += 16;
            }

            top += 6;
        }

        pages.Line("Thank you for learning with EdTech.", Regular, Size, Margin, Math.Min(top + 20, PdfPages.Height - (Margin / 2)));
        return pages.ToArray();
    }

    /// <summary>Lines that fit: broken between words, and within one that is too long by itself.</summary>
    internal static IEnumerable<string> Wrap(string value, Func<string, double> width, double most)
    {
        var line = "";
        foreach (var word in value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (width(longer) <= most)
            {
                line = longer;
                continue;
            }

            if (line.Length > 0)
                yield return line;
            line = "";
            // Letter by letter, an accent staying with its letter.
            for (var letters = StringInfo.GetTextElementEnumerator(word); letters.MoveNext();)
            {
                var letter = letters.GetTextElement();
                if (line.Length > 0 && width(line + letter) > most)
                {
                    yield return line;
                    line = "";
                }

                line += letter;
            }
        }

        yield return line;
    }

    static TrueTypeFont Embedded(string name)
    {
        using var font = typeof(ReceiptPdf).Assembly.GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        font.CopyTo(bytes);
        return new TrueTypeFont(bytes.ToArray());
    }
}
