using System.Globalization;
using System.Runtime.CompilerServices;
using EdTech.Tools;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>A real Open edX course, studied to its certificate by scripted learners over HTTP: 12 of them, or EDTECH_COHORT.</summary>
public sealed class StudyAnImportedCourse(PlatformFixture fixture)
{
    static int Learners => int.Parse(Environment.GetEnvironmentVariable("EDTECH_COHORT") is { Length: > 0 } number ? number : "12", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_cohort_studies_the_open_edx_demo_course_to_its_certificate()
    {
        var shared = Environment.GetEnvironmentVariable("EDTECH_SHARED") ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../shared"));
        var folder = Path.Combine(shared, "data/openedx-demo-course/demo-course/course");
        Assert.SkipUnless(Directory.Exists(folder), $"The Open edX demo course is not there ({folder}).");
        var ct = TestContext.Current.CancellationToken;
        var timings = new Timings();
        using var http = fixture.NewHttp();
        using var mail = new HttpClient();
        var mailbox = PlatformFixture.Mailbox(mail);
        var tutor = new PlatformClient(http, timings);
        await DemoAccounts.SignInOrRegister(tutor, mailbox, new DemoAccount("importer", $"importer.{Guid.NewGuid():N}@demo.example", "An Importer"), tutor: true, ct);

        var import = await tutor.Import(await ImportCommand.Pack(folder, ct), ct);
        (import.Report.Imported.Values.Sum() + import.Report.Skipped.Count).ShouldBe(import.Report.Found);
        await tutor.Publish(import.CourseId, ct);
        var result = await Cohort.Study(tutor, mailbox, import.CourseId, Learners, parallel: 8, ct);

        result.Failures.ShouldBeEmpty();
        result.Certificates.Distinct().Count().ShouldBe(Learners);
        timings.CountOf(status => status >= 500).ShouldBe(0);
        await using var report = new StringWriter(CultureInfo.InvariantCulture);
        timings.Print(report);
        TestContext.Current.TestOutputHelper!.WriteLine($"{result.Learners} learners, {result.Lessons} lessons, {result.Took.TotalSeconds:F1} s\n{report}");
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
