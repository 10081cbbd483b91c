using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using EdTech.Contracts.Learning;

namespace EdTech.Tools;

static class ImportCommand
{
    public static async Task<int> Run(Arguments arguments, CancellationToken ct)
    {
        var archive = await Pack(arguments.Value("a file or folder"), ct);
        using var http = PlatformClient.NewHttp(arguments.Gateway);
        var client = new PlatformClient(http);
        await client.SignIn(arguments.Optional("email") ?? DemoAccounts.Mira.Email, arguments.Optional("password") ?? DemoAccounts.Password, ct);

        var import = await client.Import(archive, ct);
        Print(import, Console.Out);
        if (arguments.Has("publish"))
        {
            await client.Publish(import.CourseId, ct);
            await Console.Out.WriteLineAsync($"published  {new Uri(arguments.Gateway, $"/v1/courses/{import.CourseId}")}");
        }

        return 0;
    }

    /// <summary>An archive as it is; a folder packed as Open edX packs one.</summary>
    public static async Task<byte[]> Pack(string path, CancellationToken ct)
    {
        if (File.Exists(path)) return await File.ReadAllBytesAsync(path, ct);
        if (!Directory.Exists(path)) throw new UsageException($"There is no file or folder {path}.");
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        await using (var tar = new TarWriter(gzip))
        {
            foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                await using var content = File.OpenRead(file);
                var name = "course/" + Path.GetRelativePath(path, file).Replace('\\', '/');
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, ct);
            }
        }

        return packed.ToArray();
    }

    public static void Print(CourseImportView import, TextWriter to)
    {
        var report = import.Report;
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Title}: {report.Sections} sections, {report.Lessons.Values.Sum()} lessons ({Counts(report.Lessons)}), {report.Questions} questions"));
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"components: {report.Found} found = {report.Imported.Values.Sum()} imported ({Counts(report.Imported)}) + {report.Skipped.Count} not imported"));
        foreach (var group in report.Skipped.GroupBy(s => (s.Type, s.Code, s.Reason)).OrderByDescending(g => g.Count()))
        {
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  not imported {group.Count(),4} x {group.Key.Type,-18} {group.Key.Code}: {group.Key.Reason}"));
            foreach (var one in group.Take(3)) to.WriteLine($"      {one.Place} › {one.Title}");
            if (group.Count() > 3) to.WriteLine("      …");
        }

        foreach (var group in report.Notes.GroupBy(n => n.Code).OrderByDescending(g => g.Count()))
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  changed      {group.Count(),4} x {group.Key}: {group.First().Message}"));
        to.WriteLine($"import     {import.ImportId}");
        to.WriteLine($"course     {import.CourseId}");
    }

    static string Counts(IReadOnlyDictionary<string, int> counts) => string.Join(", ", counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} {c.Key}")));
}
