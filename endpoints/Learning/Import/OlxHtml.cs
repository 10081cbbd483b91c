using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using EdTech.Contracts.Learning;

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
    const int MaxShownNames = 10;

    /// <returns>Null when it is longer or nested deeper than a lesson may be, which no parser should be given.</returns>
    public static CleanedHtml? Clean(string source)
    {
        if (!IsReasonable(source)) return null;
        var document = new HtmlParser().ParseDocument("<!DOCTYPE html><body></body>");
        var body = document.CreateElement("div");
        body.InnerHtml = source;

        List<(string, string)> losses = [];
        var controls = Remove(body, "button, input, select, textarea, form > *:empty");
        var scripts = Remove(body, "script, noscript, template");
        var handlers = body.QuerySelectorAll("[onclick], [onchange], [oninput], [onsubmit], [onload], [onmouseover]").Length;
        Remove(body, "style, link, meta, title, base");
        if (controls > 0) losses.Add(("html.controls_removed", $"Form controls were left out ({controls})."));
        if (scripts > 0) losses.Add(("html.scripts_removed", $"Scripts were left out ({scripts}); what they did on the page is gone."));

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

        if (missing.Count > 0) losses.Add(("media.not_imported", $"Pictures and files that are not in the text were left out ({missing.Count}): {Some(missing)}."));
        if (deadLinks > 0) losses.Add(("html.links_removed", $"Links that lead nowhere outside of the old platform became plain text ({deadLinks})."));

        var text = body.TextContent;
        var media = body.QuerySelector("img, svg, math") is not null;
        return new CleanedHtml(body.InnerHtml.Trim(), text.Count(c => !char.IsWhiteSpace(c)), media, controls > 0 || (scripts > 0 && handlers > 0), losses);
    }

    /// <summary>Points the links between parts of the course at the lessons that they became (<c>#lesson-{id}</c>); where there is none the text stays.</summary>
    public static string ResolveJumps(string html, Func<string, Guid?> lessonOf, ICollection<string> unresolved)
        => Jump().Replace(html, match =>
        {
            var id = match.Groups["id"].Value;
            if (lessonOf(id) is { } lesson) return match.Value.Replace($"\"#jump-to-{id}\"", $"\"#lesson-{lesson}\"", StringComparison.Ordinal);
            unresolved.Add(id);
            return match.Groups["text"].Value;
        });

    /// <summary>The text of HTML as a line for lists and summaries.</summary>
    public static string TextOf(string html)
    {
        if (!IsReasonable(html)) return "";
        var document = new HtmlParser().ParseDocument("<!DOCTYPE html><body></body>");
        var body = document.CreateElement("div");
        body.InnerHtml = html;
        Remove(body, "script, style, template");
        foreach (var block in body.QuerySelectorAll("p, li, h1, h2, h3, h4, h5, div, br, td")) block.After(document.CreateTextNode(" "));
        return Blanks().Replace(body.TextContent, " ").Trim();
    }

    static bool IsReasonable(string html)
        => CourseRules.Check(new LessonDraft(LessonKind.Article, "html", null, false, new LessonContent(html, null, null, null, null))).Count == 0;

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

    [GeneratedRegex("""\s+""", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
