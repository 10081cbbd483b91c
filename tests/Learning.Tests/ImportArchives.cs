using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Shouldly;

namespace EdTech.Learning.Tests;

/// <summary>Archives made for a test: small honest courses, and entries that no honest course has.</summary>
static class ImportArchives
{
    /// <summary>A course of one unit with this in it.</summary>
    public static Dictionary<string, string> CourseOf(string unit, params (string Path, string Text)[] more)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["course/course.xml"] = """<course url_name="run" org="Org" course="Course"/>""",
            ["course/course/run.xml"] = """<course display_name="Bees"><chapter url_name="c1"/></course>""",
            ["course/chapter/c1.xml"] = """<chapter display_name="First"><sequential url_name="s1"/></chapter>""",
            ["course/sequential/s1.xml"] = """<sequential display_name="Beginnings"><vertical url_name="u1"/></sequential>""",
            ["course/vertical/u1.xml"] = $"""<vertical display_name="A unit">{unit}</vertical>""",
        };
        foreach (var (path, text) in more) files[$"course/{path}"] = text;
        return files;
    }

    public static byte[] TarGz(IEnumerable<KeyValuePair<string, string>> files) => Gz(Tar(files.Select(f => Text(f.Key, f.Value))));

    public static TarEntry Text(string path, string text) => new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    public static byte[] Tar(IEnumerable<TarEntry> entries)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var entry in entries) writer.WriteEntry(entry);
        }

        return tar.ToArray();
    }

    public static byte[] Gz(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>A tar header as an enemy writes it, with the right checksum.</summary>
    public static byte[] Header(byte[] name, string size = "00000000000", char type = '0')
    {
        var header = new byte[512];
        name.AsSpan(0, Math.Min(100, name.Length)).CopyTo(header);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        "0000000\0"u8.CopyTo(header.AsSpan(108));
        "0000000\0"u8.CopyTo(header.AsSpan(116));
        Encoding.ASCII.GetBytes(size).CopyTo(header.AsSpan(124));
        "00000000000\0"u8.CopyTo(header.AsSpan(136));
        "        "u8.CopyTo(header.AsSpan(148));
        header[156] = (byte)type;
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        "00"u8.CopyTo(header.AsSpan(263));
        var sum = header.Sum(b => b);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header.AsSpan(148));
        return header;
    }

    /// <summary>A folder, packed as <c>course/…</c>.</summary>
    public static byte[] Pack(string folder)
        => Gz(Tar(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (TarEntry)new PaxTarEntry(TarEntryType.RegularFile, "course/" + Path.GetRelativePath(folder, path)) { DataStream = new MemoryStream(File.ReadAllBytes(path)) })));

    public static async Task<ImportedCourse> Import(byte[] archive, ArchiveLimits? limits = null)
        => OlxImport.Map(OlxCourse.Read(await CourseArchive.Read(new MemoryStream(archive), limits ?? new ArchiveLimits(), CancellationToken.None)), Guid.CreateVersion7);

    public static Task<ImportedCourse> Import(Dictionary<string, string> files) => Import(TarGz(files));

    public static async Task<ImportRefusedException> Refused(byte[] archive, ArchiveLimits? limits = null)
        => await Should.ThrowAsync<ImportRefusedException>(() => Import(archive, limits));
}
