using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace EdTech.Learning;

/// <summary>What is left of a component's HTML outside of the platform that it was written for.</summary>
/// <param name="Html">Not sanitised yet. Links to other parts of the course are <c>#jump-to-{id}</c>.</param>
/// <param name="TextLength">Characters of text.</param>
/// <param name="HasMedia">Whether something is to be seen without reading.</param>
/// <param name="Interactive">Whether it had controls or scripts that did something.</param>
/// <param name="Losses">What was left out, by note code, as sentences.</param>
sealed record CleanedHtml(string Html, int TextLength, bool HasMedia, bool Interactive, IReadOnlyList<(string Code, string Message)> Losses)
{
    public bool IsEmpty => TextLength == 0 && !HasMedia;
}

static partial class OlxHtml
{
    public const int MaxLength = 500_000;
    const int MaxDepth = 200;
    const int MaxShownNames = 10;
    static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t\r\n\f/");

    /// <returns>Null when it is nested deeper than a page is; the tools that walk it call themselves.</returns>
    public static CleanedHtml? Clean(string source)
    {
        if (NestsTooDeep(source)) return null;
        var document = new HtmlParser().ParseDocument("<!DOCTYPE html><body></body>");
        var body = document.CreateElement("div");
        body.InnerHtml = source;

        List<(string, string)> losses = [];
        var controls = Remove(body, "button, input, select, textarea, form > *:empty");
        var scripts = Remove(body, "script, noscript, template");
        var handlers = body.QuerySelectorAll("[onclick], [onchange], [oninput], [onsubmit], [onload], [onmouseover]").Length;
        Remove(body, "style, link, meta, title, base");
        if (controls > 0) losses.Add(("html.controls_removed", $"{controls} form controls were left out."));
        if (scripts > 0) losses.Add(("html.scripts_removed", $"{scripts} scripts were left out; what they did on the page is gone."));

        List<string> missing = [];
        foreach (var image in body.QuerySelectorAll("img").ToList())
        {
            var source1 = image.GetAttribute("src") ?? "";
            if (IsAbsolute(source1)) continue;
            if (!source1.StartsWith("data:", StringComparison.OrdinalIgnoreCase)) missing.Add(FileName(source1));
            ReplaceByText(document, image, image.GetAttribute("alt") is { Length: > 0 } alt ? $"[{alt.Trim()}]" : "");
        }

        foreach (var frame in body.QuerySelectorAll("iframe, embed, object, video, audio").ToList())
        {
            var source1 = frame.GetAttribute("src") ?? frame.GetAttribute("data") ?? frame.QuerySelector("source")?.GetAttribute("src") ?? "";
            if (IsAbsolute(source1))
            {
                var link = document.CreateElement("a");
                link.SetAttribute("href", source1);
                link.TextContent = frame.GetAttribute("title") is { Length: > 0 } title ? title : source1;
                frame.Replace(link);
                losses.Add(("html.frame_became_link", $"An embedded page became a link to it: {Short(source1)}."));
            }
            else
            {
                if (source1.Length > 0) missing.Add(FileName(source1));
                frame.Remove();
            }
        }

        var deadLinks = 0;
        foreach (var link in body.QuerySelectorAll("a[href]").ToList())
        {
            var href = link.GetAttribute("href")!.Trim();
            if (JumpTarget(href) is { } id)
            {
                link.SetAttribute("href", $"#jump-to-{id}");
            }
            else if (href.StartsWith("/static/", StringComparison.Ordinal) || href.Contains("+type@asset+", StringComparison.Ordinal))
            {
                missing.Add(FileName(href));
                Unwrap(link);
            }
            else if (!IsAbsolute(href) && !href.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) && !href.StartsWith('#'))
            {
                deadLinks++;
                Unwrap(link);
            }
        }

        if (missing.Count > 0) losses.Add(("media.not_imported", $"{missing.Count} files are not part of the text and were left out: {Some(missing)}."));
        if (deadLinks > 0) losses.Add(("html.links_removed", $"{deadLinks} links that lead nowhere outside of the old platform became plain text."));

        var text = body.TextContent;
        var media = body.QuerySelector("img, svg, math") is not null;
        return new CleanedHtml(body.InnerHtml.Trim(), text.Count(c => !char.IsWhiteSpace(c)), media, controls > 0 || (scripts > 0 && handlers > 0), losses);
    }

    public static string Sanitize(string html) => LessonHtml.Sanitize(html);

    /// <summary>Points the links between parts of the course at the lessons that they became; where there is none the text stays.</summary>
    public static string ResolveJumps(string html, Func<string, string?> addressOf, ICollection<string> unresolved)
        => Jump().Replace(html, match =>
        {
            var id = match.Groups["id"].Value;
            if (addressOf(id) is { } address) return match.Value.Replace($"\"#jump-to-{id}\"", $"\"{address}\"", StringComparison.Ordinal);
            unresolved.Add(id);
            return match.Groups["text"].Value;
        });

    /// <summary>The text of HTML as a line for lists and summaries.</summary>
    public static string TextOf(string html)
    {
        if (NestsTooDeep(html)) return "";
        var document = new HtmlParser().ParseDocument("<!DOCTYPE html><body></body>");
        var body = document.CreateElement("div");
        body.InnerHtml = html;
        Remove(body, "script, style, template");
        foreach (var block in body.QuerySelectorAll("p, li, h1, h2, h3, h4, h5, div, br, td")) block.After(document.CreateTextNode(" "));
        return Blanks().Replace(body.TextContent, " ").Trim();
    }

    /// <summary>
    /// Whether the tree of this HTML could get deeper than any page is: the parser's work grows with the depth of what is open, and what
    /// walks the tree calls itself. Counted on the tags, before anything is built; an end tag counts only against a start tag of its name.
    /// </summary>
    internal static bool NestsTooDeep(string html)
    {
        var open = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var names = open.GetAlternateLookup<ReadOnlySpan<char>>();
        // Drawings are full of short elements, which are closed there; not in text within a drawing.
        var shortTagsClose = !html.Contains("<foreignObject", StringComparison.OrdinalIgnoreCase) && !html.Contains("<desc", StringComparison.OrdinalIgnoreCase) && !html.Contains("annotation-xml", StringComparison.OrdinalIgnoreCase);
        var depth = 0;
        foreach (var tag in Tag().EnumerateMatches(html))
        {
            var text = html.AsSpan(tag.Index, tag.Length).TrimEnd('>');
            var isEnd = text[1] == '/';
            var name = text[(isEnd ? 2 : 1)..];
            var end = name.IndexOfAny(NameEnds);
            if (end >= 0) name = name[..end];
            if (OpensNothing(name)) continue;

            names.TryGetValue(name, out var count);
            if (isEnd)
            {
                if (count == 0) continue;
                names[name] = count - 1;
                depth--;
            }
            else if (!(text[^1] == '/' && shortTagsClose && open.GetValueOrDefault("svg") > 0))
            {
                names[name] = count + 1;
                if (++depth > MaxDepth) return true;
            }
        }

        return false;
    }

    // Elements without an end tag, either always or when the next of their kind begins.
    static bool OpensNothing(ReadOnlySpan<char> name)
    {
        foreach (var known in (ReadOnlySpan<string>)["br", "img", "hr", "input", "link", "meta", "source", "track", "wbr", "col", "area", "base", "embed", "p", "li", "td", "th", "tr", "dd", "dt", "option"])
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    static int Remove(IElement body, string selector)
    {
        var found = body.QuerySelectorAll(selector).ToList();
        foreach (var element in found) element.Remove();
        return found.Count;
    }

    static void ReplaceByText(IDocument document, IElement element, string text)
    {
        if (text.Length == 0)
        {
            element.Remove();
            return;
        }

        var emphasis = document.CreateElement("em");
        emphasis.TextContent = text;
        element.Replace(emphasis);
    }

    static void Unwrap(IElement element) => element.Replace([.. element.ChildNodes]);

    static bool IsAbsolute(string address)
        => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    static string? JumpTarget(string href)
    {
        var match = JumpLink().Match(href);
        return match.Success ? match.Groups["id"].Value : null;
    }

    static string FileName(string address)
    {
        var name = address.Split('?', '#')[0];
        return Short(name[(name.LastIndexOfAny(['/', '@']) + 1)..]);
    }

    static string Short(string text) => text.Length > 100 ? text[..99] + "…" : text;

    static string Some(List<string> names)
    {
        var some = new StringBuilder(string.Join(", ", names.Distinct(StringComparer.Ordinal).Take(MaxShownNames)));
        if (names.Count > MaxShownNames) some.Append(" …");
        return some.ToString();
    }

    [GeneratedRegex("""^/jump_to(_id)?/(.*@)?(?<id>[A-Za-z0-9_.-]{1,200})/?(#.*)?$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JumpLink();

    [GeneratedRegex("""<a\b[^>]*?href="#jump-to-(?<id>[A-Za-z0-9_.-]{1,200})"[^>]*>(?<text>.*?)</a>""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Jump();

    [GeneratedRegex("""</?[A-Za-z][^<>]*>""", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex("""\s+""", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
