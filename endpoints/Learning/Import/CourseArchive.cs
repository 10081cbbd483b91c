using System.IO.Compression;

namespace EdTech.Learning;

/// <summary>How much of an archive is read before it is refused.</summary>
sealed record ArchiveLimits
{
    public int Entries { get; init; } = 20_000;
    public long BytesPerEntry { get; init; } = 10 << 20;
    public long Bytes { get; init; } = 200 << 20;
    public long BytesKept { get; init; } = 64 << 20;
    public int Depth { get; init; } = 20;
    public int NameLength { get; init; } = 500;

    /// <summary>Text packs to a tenth, hardly ever to a hundredth; what packs better was made to.</summary>
    public int CompressionRatio { get; init; } = 200;
}

/// <summary>The texts of an uploaded course (<c>.tar.gz</c> or <c>.tar</c>) in memory, by path. Pictures and the like are only counted.</summary>
sealed class CourseArchive
{
    static readonly string[] KeptSuffixes = [".xml", ".html", ".json"];

    readonly Dictionary<string, byte[]> _texts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, byte[]> Texts => _texts;

    /// <summary>Paths of the files that were not kept, relative to the archive.</summary>
    public HashSet<string> Media { get; } = new(StringComparer.Ordinal);

    /// <exception cref="ImportRefusedException">The stream is not such an archive, or holds what an archive may not hold.</exception>
    public static async Task<CourseArchive> Read(Stream upload, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var counted = new CountingStream(upload);
        var start = new byte[2];
        var known = await counted.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken);
        if (known == 0) throw new ImportRefusedException("import.empty", "The upload is empty.");

        using var whole = new PrefixedStream(start.AsMemory(0, known), counted);
        if (known == 2 && start[0] == 'P' && start[1] == 'K')
            throw new ImportRefusedException("import.unknown_format", "A zip archive cannot be imported. Export the course as .tar.gz, as Open edX does.");

        var packed = known == 2 && start[0] == 0x1f && start[1] == 0x8b;
        await using var unpacked = packed ? new GZipStream(whole, CompressionMode.Decompress) : (Stream)whole;
        try
        {
            var archive = new CourseArchive();
            await archive.ReadEntries(new ArchiveReader(new LimitedStream(unpacked, counted, packed, limits)), limits, cancellationToken);
            return archive;
        }
        catch (InvalidDataException e)
        {
            throw new ImportRefusedException("import.malformed_archive", "The archive's compression is damaged.", e);
        }
    }

    async Task ReadEntries(ArchiveReader tar, ArchiveLimits limits, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var buffer = new byte[81920];
        long kept = 0;
        for (var count = 1; await tar.Next(cancellationToken) is { } entry; count++)
        {
            if (count > limits.Entries) throw new ImportRefusedException("import.too_many_entries", $"The archive holds more than {limits.Entries} entries.");
            var path = SafePath(entry.Name, limits);
            if (entry.Kind == ArchiveEntryKind.Folder) continue;
            if (path.Length == 0) throw new ImportRefusedException("import.unsafe_path", $"Entry '{ArchiveReader.Shown(entry.Name)}' is a file without a name.");
            if (!seen.Add(path)) throw new ImportRefusedException("import.duplicate_entry", $"Entry '{ArchiveReader.Shown(path)}' is in the archive twice.");
            if (entry.Size > limits.BytesPerEntry) throw TooLarge($"Entry '{ArchiveReader.Shown(path)}' has {entry.Size} bytes; at most {limits.BytesPerEntry} are allowed.");

            // Pictures and films may be large in number; only what the reader understands stays in memory.
            if (!KeptSuffixes.Any(suffix => path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) || IsMetadata(path))
            {
                Media.Add(path);
                continue;
            }

            kept += entry.Size;
            if (kept > limits.BytesKept) throw TooLarge($"The course's texts have more than {limits.BytesKept} bytes, counted up to entry '{ArchiveReader.Shown(path)}'.");
            var text = new byte[entry.Size];
            for (var at = 0; at < text.Length;) at += await tar.Read(text.AsMemory(at), cancellationToken);
            _texts.Add(path, text);
        }

        // Whatever follows the end mark is unpacked too, so that a damaged tail does not pass unseen.
        while (await tar.Drain(buffer, cancellationToken) > 0)
        {
        }
    }

    // macOS writes "._name" beside each file: attributes, with the file's suffix.
    static bool IsMetadata(string path) => path.Split('/')[^1].StartsWith("._", StringComparison.Ordinal);

    /// <summary>The entry's path without dots, or a refusal: nothing is ever written there, but what asks for it means harm.</summary>
    static string SafePath(string name, ArchiveLimits limits)
    {
        ImportRefusedException Unsafe(string why) => new("import.unsafe_path", $"Entry '{ArchiveReader.Shown(name)}' {why}.");

        if (name.Length > limits.NameLength) throw new ImportRefusedException("import.name_too_long", $"Entry '{ArchiveReader.Shown(name)}' has a name of {name.Length} characters; at most {limits.NameLength} are allowed.");
        if (name.Any(char.IsControl)) throw Unsafe("has control characters in its name");
        if (name.StartsWith('/') || name.Contains('\\', StringComparison.Ordinal) || (name.Length > 1 && name[1] == ':')) throw Unsafe("is not relative to the archive");
        var parts = name.Split('/').Where(part => part is not ("" or ".")).ToList();
        if (parts.Contains("..")) throw Unsafe("leads out of the archive");
        if (parts.Count > limits.Depth) throw Unsafe($"lies more than {limits.Depth} folders deep");
        return string.Join('/', parts);
    }

    static ImportRefusedException TooLarge(string message) => new("import.too_large", message);

    /// <summary>Stops unpacking when more comes out than an honest archive holds.</summary>
    sealed class LimitedStream(Stream inner, CountingStream packed, bool isPacked, ArchiveLimits limits) : ReadOnlyStream
    {
        long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _read += read;
            if (_read > limits.Bytes) throw TooLarge($"The archive unpacks to more than {limits.Bytes} bytes.");
            if (isPacked && _read > 10 << 20 && _read / limits.CompressionRatio > packed.Count)
                throw new ImportRefusedException("import.compression_ratio", $"The archive unpacks to more than {limits.CompressionRatio} times its size.");
            return read;
        }
    }

    sealed class CountingStream(Stream inner) : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Count += read;
            return read;
        }
    }

    sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ReadOnlyStream
    {
        ReadOnlyMemory<byte> _prefix = prefix;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_prefix.IsEmpty) return rest.ReadAsync(buffer, cancellationToken);
            var count = Math.Min(buffer.Length, _prefix.Length);
            _prefix[..count].CopyTo(buffer);
            _prefix = _prefix[count..];
            return ValueTask.FromResult(count);
        }
    }

    abstract class ReadOnlyStream : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Archives are read asynchronously.");
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
