using System.Buffers.Binary;
using System.Text;

namespace EdTech.Payments;

/// <summary>A TrueType font as far as a PDF needs it (OpenType 1.9): which glyph shows a character, how wide it is, and a font file of the used glyphs alone.</summary>
sealed class TrueTypeFont
{
    static readonly string[] Kept = ["cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"];
    readonly byte[] _file;
    readonly Dictionary<string, (int Offset, int Length)> _tables = new(StringComparer.Ordinal);
    readonly int _glyphs;
    readonly int _metrics;
    readonly bool _longOffsets;
    readonly int _characters;

    public TrueTypeFont(byte[] file)
    {
        _file = file;
        for (var i = 0; i < U16(4); i++)
        {
            var entry = 12 + (16 * i);
            _tables[Encoding.ASCII.GetString(file, entry, 4)] = ((int)U32(entry + 8), (int)U32(entry + 12));
        }

        UnitsPerEm = U16(At("head") + 18);
        _longOffsets = U16(At("head") + 50) == 1;
        _glyphs = U16(At("maxp") + 4);
        _metrics = U16(At("hhea") + 34);
        Ascent = Scaled(I16(At("hhea") + 4));
        Descent = Scaled(I16(At("hhea") + 6));
        Box = [.. Enumerable.Range(0, 4).Select(i => Scaled(I16(At("head") + 36 + (2 * i))))];
        _characters = Enumerable.Range(0, U16(At("cmap") + 2))
            .Select(i => At("cmap") + (int)U32(At("cmap") + 4 + (8 * i) + 4))
            .FirstOrDefault(t => U16(t) == 12);
        if (_characters == 0)
            throw new ArgumentException("The font has no character map of format 12, the only one that is read here.", nameof(file));
    }

    public int UnitsPerEm { get; }

    /// <summary>In thousandths of the size, as PDF counts.</summary>
    public int Ascent { get; }

    public int Descent { get; }

    public IReadOnlyList<int> Box { get; }

    /// <summary>The glyph of a character; 0, an empty box, for what the font does not have.</summary>
    public int Glyph(Rune character)
    {
        var (low, high) = (0, (int)U32(_characters + 12) - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var group = _characters + 16 + (12 * middle);
            if (character.Value < U32(group))
                high = middle - 1;
            else if (character.Value > U32(group + 4))
                low = middle + 1;
            else
                return (int)(U32(group + 8) + (character.Value - U32(group)));
        }

        return 0;
    }

    /// <summary>A glyph's width in thousandths of the size.</summary>
    public int Width(int glyph) => Scaled(U16(At("hmtx") + (4 * Math.Min(glyph, _metrics - 1))));

    public double Width(string text, double size) => text.EnumerateRunes().Sum(r => Width(Glyph(r))) * size / 1000;

    /// <summary>The font with the outlines of these glyphs and none else; they keep their numbers.</summary>
    public byte[] Subset(IEnumerable<int> glyphs)
    {
        var used = new SortedSet<int>(glyphs) { 0 };
        var parts = new Queue<int>(used);
        while (parts.TryDequeue(out var glyph))
            foreach (var part in PartsOf(glyph).Where(used.Add))
                parts.Enqueue(part);

        using var outlines = new MemoryStream();
        var places = new byte[4 * (_glyphs + 1)];
        for (var glyph = 0; glyph < _glyphs; glyph++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(places.AsSpan(4 * glyph), (uint)outlines.Length);
            if (!used.Contains(glyph))
                continue;
            var (offset, length) = Outline(glyph);
            outlines.Write(_file, offset, length);
            outlines.Write(new byte[(4 - (length % 4)) % 4]);
        }

        BinaryPrimitives.WriteUInt32BigEndian(places.AsSpan(4 * _glyphs), (uint)outlines.Length);
        var head = Table("head");
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(50), 1); // offsets of four bytes
        return Assemble([.. Kept.Where(_tables.ContainsKey).Select(name => (name, name switch
        {
            "glyf" => outlines.ToArray(),
            "loca" => places,
            "head" => head,
            _ => Table(name),
        }))]);
    }

    /// <summary>An accented letter is often made of a letter and an accent, which are glyphs themselves.</summary>
    IEnumerable<int> PartsOf(int glyph)
    {
        var (place, length) = Outline(glyph);
        if (length == 0 || I16(place) >= 0)
            yield break;
        int flags;
        place += 10;
        do
        {
            flags = U16(place);
            yield return U16(place + 2);
            place += 4 + ((flags & 0x0001) != 0 ? 4 : 2) + ((flags & 0x0008) != 0 ? 2 : (flags & 0x0040) != 0 ? 4 : (flags & 0x0080) != 0 ? 8 : 0);
        }
        while ((flags & 0x0020) != 0);
    }

    static byte[] Assemble((string Name, byte[] Content)[] tables)
    {
        using var font = new MemoryStream();
        var entries = (int)Math.Log2(tables.Length);
        Write(font, 4, 0x00010000);
        Write(font, 2, (uint)tables.Length);
        Write(font, 2, (uint)(16 << entries));
        Write(font, 2, (uint)entries);
        Write(font, 2, (uint)((16 * tables.Length) - (16 << entries)));
        var place = 12 + (16 * tables.Length);
        foreach (var (name, content) in tables)
        {
            font.Write(Encoding.ASCII.GetBytes(name));
            Write(font, 4, Checksum(content));
            Write(font, 4, (uint)place);
            Write(font, 4, (uint)content.Length);
            place += (content.Length + 3) / 4 * 4;
        }

        foreach (var (_, content) in tables)
        {
            font.Write(content);
            font.Write(new byte[(4 - (content.Length % 4)) % 4]);
        }

        return font.ToArray();
    }

    static uint Checksum(byte[] content)
    {
        uint sum = 0;
        for (var i = 0; i < content.Length; i++)
            sum = unchecked(sum + ((uint)content[i] << (24 - (8 * (i % 4)))));
        return sum;
    }

    static void Write(MemoryStream font, int bytes, uint value)
    {
        for (var shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            font.WriteByte((byte)(value >> shift));
    }

    (int Offset, int Length) Outline(int glyph)
    {
        var (from, to) = (Place(glyph), Place(glyph + 1));
        return (At("glyf") + from, to - from);
    }

    int Place(int glyph) => _longOffsets ? (int)U32(At("loca") + (4 * glyph)) : 2 * U16(At("loca") + (2 * glyph));

    byte[] Table(string name) => _file.AsSpan(_tables[name].Offset, _tables[name].Length).ToArray();

    int At(string table) => _tables[table].Offset;

    int Scaled(int units) => (int)Math.Round(units * 1000.0 / UnitsPerEm);

    int U16(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(offset));

    int I16(int offset) => BinaryPrimitives.ReadInt16BigEndian(_file.AsSpan(offset));

    uint U32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(offset));
}
