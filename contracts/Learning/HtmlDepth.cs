namespace EdTech.Contracts.Learning;

/// <summary>
/// Tells HTML that would explode when it is parsed: an open formatting element is opened again in every following block, so a few
/// kilobytes of <c>&lt;p&gt;&lt;font size=1&gt;</c> become hundreds of megabytes. One linear pass over the text, before any parser.
/// </summary>
static class HtmlDepth
{
    const int MaxTags = 20_000;
    const int MaxOpen = 100;
    const int MaxOpenFormatting = 12;

    // Closed by what follows them, or never open.
    static readonly HashSet<string> Uncounted = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li", "link", "meta",
        "optgroup", "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
    };

    static readonly HashSet<string> Formatting = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
    };

    static readonly string[] RawText = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];

    public static bool IsReasonable(string html)
    {
        var open = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var (tags, total, formatting) = (0, 0, 0);
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0 && at + 1 < html.Length; at = html.IndexOf('<', at))
        {
            at++;
            if (html.AsSpan(at).StartsWith("!--", StringComparison.Ordinal))
            {
                at = Behind(html, "-->", at);
            }
            else if (at < html.Length && (char.IsAsciiLetter(html[at]) || html[at] == '/'))
            {
                var closing = html[at] == '/';
                var start = closing ? at + 1 : at;
                var end = start;
                while (end < html.Length && html[end] is not ('>' or '/' or ' ' or '\t' or '\r' or '\n' or '\f'))
                    end++;
                var name = html[start..end];
                at = BehindTag(html, end);

                if (closing)
                {
                    if (open.TryGetValue(name, out var count) && count > 0)
                    {
                        open[name] = count - 1;
                        total--;
                        formatting -= Formatting.Contains(name) ? 1 : 0;
                    }
                }
                else if (RawText.Contains(name, StringComparer.OrdinalIgnoreCase))
                {
                    at = Behind(html, $"</{name}", at);
                }
                else if (!Uncounted.Contains(name))
                {
                    open[name] = open.GetValueOrDefault(name) + 1;
                    total++;
                    formatting += Formatting.Contains(name) ? 1 : 0;
                }

                tags += closing ? 0 : 1;
                if (tags > MaxTags || total > MaxOpen || formatting > MaxOpenFormatting)
                    return false;
            }

            if (at >= html.Length)
                break;
        }

        return true;
    }

    static int Behind(string html, string end, int at)
    {
        var found = html.IndexOf(end, at, StringComparison.OrdinalIgnoreCase);
        return found < 0 ? html.Length : found + end.Length;
    }

    // A '>' in a quoted attribute does not end the tag.
    static int BehindTag(string html, int at)
    {
        var quote = '\0';
        for (var previous = '\0'; at < html.Length; at++)
        {
            var c = html[at];
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
            }
            else if (c == '>')
            {
                return at + 1;
            }
            else if (c is '"' or '\'' && previous == '=')
            {
                quote = c;
            }

            if (!char.IsWhiteSpace(c))
                previous = c;
        }

        return at;
    }
}
