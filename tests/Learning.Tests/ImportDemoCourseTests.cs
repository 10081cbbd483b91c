using System.Runtime.CompilerServices;
using System.Xml.Linq;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Learning.Tests;

/// <summary>A real course that nobody here wrote. It lies beside the repository where there is one, and is never part of it.</summary>
public sealed class ImportDemoCourseTests
{
    public static string? Folder
    {
        get
        {
            var repository = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../.."));
            var path = Path.Combine(Environment.GetEnvironmentVariable("EDTECH_SHARED") ?? Path.Combine(repository, "../shared"), "data/openedx-demo-course/demo-course/course");
            return Directory.Exists(path) ? path : null;
        }
    }

    [Fact]
    public async Task Every_component_is_imported_or_listed_with_its_reason()
    {
        Assert.SkipWhen(Folder is null, "The Open edX demo course is not there (../shared/data/openedx-demo-course).");
        var import = await ImportArchives.Import(ImportArchives.Pack(Folder!));
        var report = import.Report;

        // Counted without the reader: what units and libraries name.
        var named = new[] { "vertical", "library_content" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Folder!, folder), "*.xml"))
            .SelectMany(file => XElement.Load(file).Elements())
            .Count(e => e.Name.LocalName != "library_content");
        report.Found.ShouldBe(named);
        (report.Imported.Values.Sum() + report.Skipped.Count).ShouldBe(report.Found);
        report.Skipped.ShouldAllBe(s => s.Code.Length > 0 && s.Reason.Length > 10 && s.Place.Length > 0 && s.Title.Length > 0);
        if (Environment.GetEnvironmentVariable("EDTECH_SHOW") is not null) Show(import);
    }

    static void Show(ImportedCourse import)
    {
        var report = import.Report;
        var write = (string line) => Console.WriteLine(line);
        foreach (var s in report.Skipped.GroupBy(s => (s.Type, s.Code, s.Reason))) write($"{s.Count()} {s.Key}");
        foreach (var s in report.Notes.GroupBy(s => s.Code)) write($"{s.Count()} {s.Key} {s.First().Message}");
        foreach (var s in report.Imported) write($"{s}");
        foreach (var s in report.Lessons) write($"{s}");
        write($"{import.Details} q{report.Questions}");
        var contents = import.Lessons.ToDictionary(l => l.LessonId, l => l.Content);
        foreach (var s in import.Outline)
        {
            write($"# {s.Title}");
            foreach (var l in s.Lessons)
            {
                write($"  - {l.Kind} {l.Title} {contents[l.LessonId].Html?.Length}");
                foreach (var q in contents[l.LessonId].Quiz?.Questions ?? []) write($"      {q.Kind} {q.Points} {q.PromptHtml.ReplaceLineEndings(" ")} | {string.Join(" / ", q.Choices.Select(c => (c.Correct ? "*" : "") + c.Html + (c.Feedback is null ? "" : " {" + c.Feedback + "}")))} {q.Numeric} {q.Text?.Pattern} | {q.ExplanationHtml?.ReplaceLineEndings(" ")} | {string.Join(";", q.Hints)}");
            }
        }
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
