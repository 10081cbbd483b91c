using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace EdTech.Learning;

/// <summary>XML of an uploaded course: no document types, no entities of its own, nothing from elsewhere, and not deeper than anyone writes.</summary>
static class OlxXml
{
    const int MaxDepth = 60;
    const int MaxElements = 50_000;

    static readonly HashSet<string> VoidElements = new(StringComparer.OrdinalIgnoreCase) { "area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr" };

    static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 10 << 20,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <exception cref="XmlException">It is not such XML; the message says where and why.</exception>
    public static XElement Parse(byte[] text)
    {
        using (var first = XmlReader.Create(new MemoryStream(text, writable: false), Settings))
        {
            // Depth and size before the tree is built: what walks the tree afterwards calls itself.
            for (var elements = 0; first.Read();)
            {
                if (first.Depth > MaxDepth) throw new XmlException($"Elements are nested more than {MaxDepth} deep.");
                if (first.NodeType == XmlNodeType.Element && ++elements > MaxElements) throw new XmlException($"There are more than {MaxElements} elements.");
            }
        }

        using var reader = XmlReader.Create(new MemoryStream(text, writable: false), Settings);
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }

    /// <summary>An attribute that says something: not absent, empty, nor the word null, which Open edX exports for None.</summary>
    public static string? Said(this XElement element, string name)
        => element.Attribute(XName.Get(name))?.Value.Trim() is { Length: > 0 } value && value is not ("null" or "None" or "\"\"") ? value : null;

    public static string Name(this XElement element) => element.Name.LocalName;

    public static bool Is(this XElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (string.Equals(element.Name.LocalName, name, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>Nodes as HTML: XML's short <c>&lt;p/&gt;</c> would open a paragraph there and never close it.</summary>
    public static string ToHtml(IEnumerable<XNode> nodes)
    {
        var html = new StringBuilder();
        foreach (var node in nodes) Write(node, html);
        return html.ToString();
    }

    static void Write(XNode node, StringBuilder html)
    {
        switch (node)
        {
            case XText text:
                html.Append(System.Net.WebUtility.HtmlEncode(text.Value));
                break;
            case XElement element:
                var name = element.Name.LocalName;
                html.Append('<').Append(name);
                foreach (var attribute in element.Attributes().Where(a => !a.IsNamespaceDeclaration))
                    html.Append(' ').Append(attribute.Name.LocalName).Append("=\"").Append(System.Net.WebUtility.HtmlEncode(attribute.Value)).Append('"');
                html.Append('>');
                if (VoidElements.Contains(name)) break;
                foreach (var child in element.Nodes()) Write(child, html);
                html.Append("</").Append(name).Append('>');
                break;
        }
    }
}
