using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace EdTech.Learning;

enum ArchiveEntryKind
{
    File,
    Folder,
}

sealed record ArchiveEntry(string Name, ArchiveEntryKind Kind, long Size);

/// <summary>
/// Reads a tar stream that an enemy may have written: names, files and folders, nothing else. The framework's own reader takes memory for
/// whatever length a header claims before a byte of it has been read, and hands out links and devices; this one has neither.
/// </summary>
sealed class ArchiveReader(Stream stream)
{
    const int BlockSize = 512;
    const int MaxHeaderText = 64 * 1024;
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly byte[] _block = new byte[BlockSize];
    long _unread;
    long _padding;

    /// <summary>The next entry, or null at the end. What the caller left unread of the last one is skipped.</summary>
    public async Task<ArchiveEntry?> Next(CancellationToken cancellationToken)
    {
        string? longName = null;
        long? longSize = null;
        for (; ; )
        {
            await SkipRest(cancellationToken);
            if (!await ReadHeader(cancellationToken)) return null;

            var name = longName ?? HeaderName();
            var size = longSize ?? Number(124, 12, name);
            if (size < 0) throw Malformed($"Entry '{Shown(name)}' claims a negative size.");
            var kind = (char)_block[156];
            if (kind is 'x' or 'g' or 'L' or 'K')
            {
                // A header for the entry that follows: a long name, or a list of "length key=value" records.
                size = Number(124, 12, name);
                Take(size);
                var text = await HeaderText(size, name, cancellationToken);
                if (kind == 'L') longName = Decode(text.AsSpan().TrimEnd((byte)0));
                if (kind == 'x') (longName, longSize) = PaxRecords(text, longName, longSize);
                continue;
            }

            switch (kind)
            {
                case '0' or '\0' or '7':
                    Take(size);
                    return new ArchiveEntry(name, name.EndsWith('/') ? ArchiveEntryKind.Folder : ArchiveEntryKind.File, size);
                case '5':
                    Take(size);
                    return new ArchiveEntry(name, ArchiveEntryKind.Folder, size);
                case '1' or '2':
                    throw new ImportRefusedException("import.link", $"Entry '{Shown(name)}' is a link. An archive may hold only files and folders.");
                default:
                    throw new ImportRefusedException("import.special_entry", $"Entry '{Shown(name)}' is neither a file nor a folder (type '{Shown(kind.ToString())}').");
            }
        }
    }

    /// <summary>Reads the entry's content; 0 at its end.</summary>
    public async Task<int> Read(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_unread == 0) return 0;
        var read = await stream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _unread)], cancellationToken);
        if (read == 0) throw Truncated();
        _unread -= read;
        return read;
    }

    /// <summary>Reads on past the end mark; 0 at the end of the stream.</summary>
    public ValueTask<int> Drain(Memory<byte> buffer, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);

    /// <summary>A name as it may be shown in a sentence: without control characters, and not longer than people read.</summary>
    public static string Shown(string name)
    {
        var shown = new string([.. name.Take(120).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return name.Length > 120 ? shown + "…" : shown;
    }

    void Take(long size)
    {
        _unread = size;
        _padding = (BlockSize - (size % BlockSize)) % BlockSize;
    }

    async Task SkipRest(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        for (var rest = _unread + _padding; rest > 0;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)), cancellationToken);
            if (read == 0) throw Truncated();
            rest -= read;
        }

        _unread = _padding = 0;
    }

    async Task<bool> ReadHeader(CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(_block, BlockSize, throwOnEndOfStream: false, cancellationToken);
        // An archive ends with empty blocks. One that just stops has lost its tail.
        if (read < BlockSize) throw Truncated();
        if (!_block.AsSpan().ContainsAnyExcept((byte)0)) return false;

        long sum = 0;
        for (var i = 0; i < BlockSize; i++) sum += i is >= 148 and < 156 ? ' ' : _block[i];
        if (sum != Number(148, 8, "header")) throw Malformed("An entry's header does not carry the right checksum, so this is not a tar archive or it is damaged.");
        return true;
    }

    string HeaderName()
    {
        var name = Decode(Field(0, 100));
        if (!_block.AsSpan(257, 5).SequenceEqual("ustar"u8) || _block[262] != 0) return name;
        var prefix = Decode(Field(345, 155));
        return prefix.Length == 0 ? name : prefix + "/" + name;
    }

    ReadOnlySpan<byte> Field(int offset, int length)
    {
        var field = _block.AsSpan(offset, length);
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    long Number(int offset, int length, string name)
    {
        // Octal text, or a binary number where the first bit is set (GNU's way for more than 8 GB).
        if (_block[offset] >= 0x80) return BinaryPrimitives.ReadInt64BigEndian(_block.AsSpan(offset + length - 8, 8));
        long number = 0;
        foreach (var digit in Encoding.Latin1.GetString(Field(offset, length)).Trim())
        {
            if (digit is < '0' or > '7') throw Malformed($"Entry '{Shown(name)}' has a header with a number that is none.");
            number = (number << 3) + (digit - '0');
        }

        return number;
    }

    async Task<byte[]> HeaderText(long size, string name, CancellationToken cancellationToken)
    {
        if (size > MaxHeaderText) throw new ImportRefusedException("import.name_too_long", $"Entry '{Shown(name)}' has a header of {size} bytes; at most {MaxHeaderText} are read.");
        var text = new byte[size];
        for (var at = 0; at < text.Length;) at += await Read(text.AsMemory(at), cancellationToken);
        return text;
    }

    static (string? Name, long? Size) PaxRecords(ReadOnlySpan<byte> text, string? name, long? size)
    {
        while (!text.IsEmpty)
        {
            var blank = text.IndexOf((byte)' ');
            if (blank <= 0
                || !int.TryParse(text[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= blank + 1 || length > text.Length)
                throw Malformed("An extended header is not a list of 'length key=value' records.");

            var record = text[(blank + 1)..length].TrimEnd((byte)'\n');
            text = text[length..];
            var equals = record.IndexOf((byte)'=');
            if (equals < 0) throw Malformed("An extended header holds a record without a value.");
            var key = record[..equals];
            var value = record[(equals + 1)..];
            if (key.SequenceEqual("path"u8)) name = Decode(value);
            if (key.SequenceEqual("size"u8))
                size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Malformed("An extended header holds a size that is no number.");
        }

        return (name, size);
    }

    static string Decode(ReadOnlySpan<byte> name)
    {
        try
        {
            return StrictUtf8.GetString(name);
        }
        catch (DecoderFallbackException e)
        {
            throw new ImportRefusedException("import.name_not_utf8", $"Entry '{Shown(Encoding.Latin1.GetString(name))}' has a name that is not UTF-8.", e);
        }
    }

    static ImportRefusedException Malformed(string message) => new("import.malformed_archive", message);

    static ImportRefusedException Truncated() => new("import.truncated", "The archive ends in the middle of an entry.");
}
