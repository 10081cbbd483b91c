using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace EdTech.Payments;

/// <summary>
/// Lines of text on A4 pages as a PDF (ISO 32000-1), with the used glyphs of their fonts inside. Our own, because the library at hand is under a
/// licence that this project is not, and a receipt needs no more than this.
/// </summary>
sealed class PdfPages(string title, DateTimeOffset made, params TrueTypeFont[] fonts)
{
    public const double Width = 595;
    public const double Height = 842;
    readonly List<StringBuilder> _pages = [];
    readonly Dictionary<TrueTypeFont, SortedDictionary<int, Rune>> _used = fonts.ToDictionary(f => f, _ => new SortedDictionary<int, Rune>());

    public void NewPage() => _pages.Add(new StringBuilder());

    /// <summary>Writes a line on the last page; <paramref name="top"/> is its baseline, from above.</summary>
    public void Line(string text, TrueTypeFont font, double size, double left, double top)
    {
        var glyphs = new StringBuilder();
        foreach (var character in text.EnumerateRunes())
        {
            var glyph = font.Glyph(character);
            _used[font].TryAdd(glyph, character);
            glyphs.Append(CultureInfo.InvariantCulture, $"{glyph:X4}");
        }

        _pages[^1].Append(CultureInfo.InvariantCulture, $"BT /F{Array.IndexOf(fonts, font)} {size:0.##} Tf {left:0.##} {Height - top:0.##} Td <{glyphs}> Tj ET\n");
    }

    public byte[] ToArray()
    {
        var file = new PdfObjects();
        var pages = file.Reserve();
        var resources = $"/Resources << /Font << {string.Join(' ', fonts.Select((f, i) => $"/F{i} {Font(file, f)} 0 R"))} >> >>";
        var kids = _pages.Select(p =>
        {
            var content = file.AddStream("", Encoding.ASCII.GetBytes(p.ToString()));
            return file.Add($"<< /Type /Page /Parent {pages} 0 R /MediaBox [0 0 {Width:0} {Height:0}] {resources} /Contents {content} 0 R >>");
        }).ToArray();
        file.Set(pages, $"<< /Type /Pages /Count {kids.Length} /Kids [{string.Join(' ', kids.Select(k => $"{k} 0 R"))}] >>");
        var catalog = file.Add($"<< /Type /Catalog /Pages {pages} 0 R /Lang (en) /ViewerPreferences << /DisplayDocTitle true >> >>");
        var info = file.Add($"<< /Title <FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(title))}> /CreationDate (D:{made.UtcDateTime:yyyyMMddHHmmss}Z) >>");
        return file.ToArray(catalog, info);
    }

    int Font(PdfObjects file, TrueTypeFont font)
    {
        var (used, name) = (_used[font], $"EDTECH+F{Array.IndexOf(fonts, font)}");
        var outlines = font.Subset(used.Keys);
        var program = file.AddStream($"/Length1 {outlines.Length} ", outlines);
        var descriptor = file.Add(
            $"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{string.Join(' ', font.Box)}] /ItalicAngle 0 /Ascent {font.Ascent} /Descent {font.Descent} /CapHeight {font.Ascent} /StemV 80 /FontFile2 {program} 0 R >>");
        var widths = string.Join(' ', used.Keys.Select(g => $"{g} [{font.Width(g)}]"));
        var descendant = file.Add(
            $"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /CIDToGIDMap /Identity /W [{widths}] >>");
        var characters = file.AddStream("", Encoding.ASCII.GetBytes(Characters(used)));
        return file.Add($"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] /ToUnicode {characters} 0 R >>");
    }

    /// <summary>What each glyph means, for searching, copying and reading aloud.</summary>
    static string Characters(SortedDictionary<int, Rune> used)
        => "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Characters def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            + string.Concat(used.Chunk(100).Select(c =>
                $"{c.Length} beginbfchar\n{string.Concat(c.Select(g => $"<{g.Key:X4}> <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(g.Value.ToString()))}>\n"))}endbfchar\n"))
            + "endcmap CMapName currentdict /CMap defineresource pop end end\n";

    sealed class PdfObjects
    {
        readonly List<byte[]> _objects = [];

        public int Reserve()
        {
            _objects.Add([]);
            return _objects.Count;
        }

        public void Set(int number, string content) => _objects[number - 1] = Encoding.ASCII.GetBytes(content);

        public int Add(string content)
        {
            var number = Reserve();
            Set(number, content);
            return number;
        }

        public int AddStream(string entries, byte[] content)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                zlib.Write(content);
            _objects.Add([.. Encoding.ASCII.GetBytes($"<< {entries}/Filter /FlateDecode /Length {packed.Length} >>\nstream\n"), .. packed.ToArray(), .. "\nendstream"u8]);
            return _objects.Count;
        }

        public byte[] ToArray(int catalog, int info)
        {
            using var file = new MemoryStream();
            file.Write([.. "%PDF-1.7\n%"u8, 0xE2, 0xE3, 0xCF, 0xD3, (byte)'\n']);
            var places = new List<long>();
            foreach (var (content, number) in _objects.Select((o, i) => (o, i + 1)))
            {
                places.Add(file.Length);
                file.Write(Encoding.ASCII.GetBytes($"{number} 0 obj\n"));
                file.Write(content);
                file.Write("\nendobj\n"u8);
            }

            var table = file.Length;
            file.Write(Encoding.ASCII.GetBytes(
                $"xref\n0 {places.Count + 1}\n0000000000 65535 f \n{string.Concat(places.Select(p => $"{p:D10} 00000 n \n"))}trailer\n<< /Size {places.Count + 1} /Root {catalog} 0 R /Info {info} 0 R >>\nstartxref\n{table}\n%%EOF\n"));
            return file.ToArray();
        }
    }
}
