using System.Text;

namespace EdTech.Tools;

/// <summary>A text that a simple regular expression matches: literals, <c>.</c>, classes, groups, alternatives and quantifiers.</summary>
static class PatternSample
{
    public static string Of(string pattern)
    {
        var at = 0;
        return Alternatives(pattern, ref at);
    }

    static string Alternatives(string pattern, ref int at)
    {
        var first = Sequence(pattern, ref at);
        while (at < pattern.Length && pattern[at] == '|')
        {
            at++;
            Sequence(pattern, ref at);
        }

        return first;
    }

    static string Sequence(string pattern, ref int at)
    {
        var text = new StringBuilder();
        while (at < pattern.Length && pattern[at] is not ('|' or ')'))
        {
            var atom = Atom(pattern, ref at);
            text.Insert(text.Length, atom, Times(pattern, ref at));
        }

        return text.ToString();
    }

    static string Atom(string pattern, ref int at)
    {
        var c = pattern[at++];
        switch (c)
        {
            case '^' or '$':
                return "";
            case '.':
                return "a";
            case '(':
                if (pattern.AsSpan(at).StartsWith("?:")) at += 2;
                var inner = Alternatives(pattern, ref at);
                at++;
                return inner;
            case '[':
                var first = pattern[at] == '\\' ? pattern[at + 1] : pattern[at];
                at = pattern.IndexOf(']', at + 1) + 1;
                return first == '^' ? "~" : first.ToString();
            case '\\':
                return pattern[at++] switch { 'd' => "1", 'w' => "a", 's' => " ", 'b' => "", var escaped => escaped.ToString() };
            default:
                return c.ToString();
        }
    }

    static int Times(string pattern, ref int at)
    {
        if (at >= pattern.Length) return 1;
        switch (pattern[at])
        {
            // Once where it may be nothing: an answer should not be empty.
            case '*' or '+' or '?':
                at++;
                return 1;
            case '{':
                var end = pattern.IndexOf('}', at);
                var least = pattern[(at + 1)..end].Split(',')[0];
                at = end + 1;
                return int.Parse(least, System.Globalization.CultureInfo.InvariantCulture);
            default:
                return 1;
        }
    }
}
