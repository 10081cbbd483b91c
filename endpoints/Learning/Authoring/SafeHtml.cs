using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;

namespace EdTech.Learning;

/// <summary>
/// HTML of authors, made harmless on the way in: text, lists, tables, links, images over https. Mathematics stays as the text between
/// <c>\(</c> and <c>\)</c>. Cleaning what is clean changes nothing.
/// </summary>
static class SafeHtml
{
    static readonly TimeSpan ParseBudget = TimeSpan.FromSeconds(2);

    static readonly HashSet<string> ContentGoesToo = new(StringComparer.OrdinalIgnoreCase)
    {
        "script", "style", "template", "iframe", "object", "embed", "noscript", "noembed", "noframes", "textarea", "title", "svg", "math", "xmp", "select",
    };

    // Safe for concurrent use once configured: it holds settings only.
    static readonly HtmlSanitizer Sanitizer = Configured();

    public static string Clean(string html) => html.AsSpan().ContainsAny('<', '&', '>') ? Sanitizer.Sanitize(html) : html;

    static HtmlSanitizer Configured()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = Set(
                "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
                + "ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"),
            AllowedAttributes = Set("alt colspan datetime dir height href lang open reversed rowspan scope span src start title width"),
            AllowedSchemes = Set("https http mailto"),
            UriAttributes = Set("href src"),
        })
        {
            // An unknown element goes, its text stays: old course material is full of <center> and <font>.
            KeepChildNodes = true,
            HtmlParserFactory = ParserWithBudget,
        };
        sanitizer.RemovingTag += (_, removing) =>
        {
            if (ContentGoesToo.Contains(removing.Tag.LocalName))
                removing.Tag.TextContent = "";
        };
        sanitizer.FilterUrl += (_, filter) => filter.SanitizedUrl = Permitted(filter.Tag.LocalName, filter.SanitizedUrl);
        sanitizer.PostProcessNode += (_, processing) =>
        {
            if (processing.Node is IElement { LocalName: "a" } link && link.HasAttribute("href"))
                link.SetAttribute("rel", "nofollow noopener noreferrer");
        };
        return sanitizer;
    }

    // A relative address would point into our own API from wherever the text is shown.
    static string? Permitted(string tag, string? url)
    {
        if (url is null || (tag is not "img" && url.StartsWith('#')))
            return url;
        // On Unix a path counts as an absolute file address, so the scheme is asked for as well.
        return Uri.TryCreate(url, UriKind.Absolute, out var address) && (address.Scheme is "https" || (tag is not "img" && address.Scheme is "http" or "mailto")) ? url : null;
    }

    // HtmlDepth refuses what explodes; should a form of it get through, the parser stops instead of eating the machine.
    static HtmlParser ParserWithBudget()
    {
        var started = Stopwatch.GetTimestamp();
        return new HtmlParser(new HtmlParserOptions
        {
            OnCreated = (_, _) =>
            {
                if (Stopwatch.GetElapsedTime(started) > ParseBudget)
                    throw new HtmlTooComplexException();
            },
        });
    }

    static HashSet<string> Set(string names) => new(names.Split(' '), StringComparer.OrdinalIgnoreCase);
}

/// <summary>The text takes too long to parse to be honest HTML.</summary>
sealed class HtmlTooComplexException() : Exception("The HTML took longer than its time budget to parse, so it was not taken. It slipped past HtmlDepth; keep it as a test.");
