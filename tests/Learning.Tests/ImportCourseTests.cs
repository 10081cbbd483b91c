using System.Net;
using System.Net.Http.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Shouldly;
using static EdTech.Learning.Tests.ImportArchives;

namespace EdTech.Learning.Tests;

public sealed class ImportCourseTests(LearningFixture learning)
{
    const string Unit = """
        <html>Bees dance.</html>
        <problem><numericalresponse answer="6"><label>Legs?</label><formulaequationinput/></numericalresponse></problem>
        <lti url_name="tool" display_name="A tool"/>
        """;

    [Fact]
    public async Task An_archive_becomes_a_draft_of_whoever_sent_it()
    {
        var tutor = LearningFixture.Tutor();

        var import = await Imported(tutor, TarGz(CourseOf(Unit)));

        import.Report.Found.ShouldBe(3);
        import.Report.Skipped.Single().Id.ShouldBe("tool");
        (await learning.Worker.Done(new PublishCourse(tutor, import.CourseId, null))).Id.ShouldBe(import.CourseId);
        var published = await learning.Worker.Event<CoursePublished>(e => e.CourseId == import.CourseId);
        (published.TutorId, published.Lessons).ShouldBe((tutor.Id, 1));
    }

    [Fact]
    public async Task The_report_is_for_its_owner_alone()
    {
        var tutor = LearningFixture.Tutor();
        var import = await Imported(tutor, TarGz(CourseOf(Unit)));

        (await learning.Worker.Api(tutor).GetFromJsonAsync<CourseImportView>($"/internal/learning/imports/{import.ImportId}", LearningJson.Web.Options))!.Report.Found.ShouldBe(3);
        (await learning.Worker.Api(LearningFixture.Tutor()).GetAsync($"/internal/learning/imports/{import.ImportId}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await learning.Worker.Api(tutor).GetAsync($"/internal/learning/imports/{Guid.CreateVersion7()}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_repeat_under_the_same_id_makes_no_second_course()
    {
        var tutor = LearningFixture.Tutor();
        var id = Guid.CreateVersion7().ToString();
        var archive = TarGz(CourseOf(Unit));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Send(tutor, archive, id)));

        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
        var imports = await Task.WhenAll(answers.Select(a => a.Content.ReadFromJsonAsync<CourseImportView>(LearningJson.Web.Options)));
        imports.Select(i => i!.CourseId).Distinct().Count().ShouldBe(1);
        await using var db = await learning.Worker.Db.OpenConnectionAsync();
        (await db.ExecuteScalarAsync<int>("SELECT count(*) FROM learning.course WHERE tutor_id = @Id", new { tutor.Id })).ShouldBe(1);
    }

    [Fact]
    public async Task Another_archive_under_the_same_id_is_refused()
    {
        var tutor = LearningFixture.Tutor();
        var id = Guid.CreateVersion7().ToString();
        await Send(tutor, TarGz(CourseOf(Unit)), id);

        var answer = await Send(tutor, TarGz(CourseOf("<html>Other bees.</html>")), id);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadFromJsonAsync<Refused>(LearningJson.Web.Options))!.Code.ShouldBe("idempotency.key_reused");
    }

    [Fact]
    public async Task Courses_of_one_title_get_addresses_of_their_own_also_at_once()
    {
        var archive = TarGz(CourseOf(Unit));

        var imports = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Imported(LearningFixture.Tutor(), archive)));

        imports.Select(i => i.CourseId).Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task What_is_refused_leaves_nothing()
    {
        var tutor = LearningFixture.Tutor();

        var answer = await Send(tutor, Gz(Tar([Text("../evil.xml", "x")])));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadFromJsonAsync<Refused>(LearningJson.Web.Options))!.Code.ShouldBe("import.unsafe_path");
        await using var db = await learning.Worker.Db.OpenConnectionAsync();
        (await db.ExecuteScalarAsync<int>("SELECT count(*) FROM learning.course WHERE tutor_id = @Id", new { tutor.Id })).ShouldBe(0);
    }

    [Fact]
    public async Task The_open_edx_demo_course_is_imported_and_published()
    {
        Assert.SkipWhen(ImportDemoCourseTests.Folder is null, "The Open edX demo course is not there (../shared/data/openedx-demo-course).");
        var tutor = LearningFixture.Tutor();

        var import = await Imported(tutor, Pack(ImportDemoCourseTests.Folder!));

        (import.Report.Imported.Values.Sum() + import.Report.Skipped.Count).ShouldBe(import.Report.Found);
        (await learning.Worker.Done(new PublishCourse(tutor, import.CourseId, null))).Id.ShouldBe(import.CourseId);
        await learning.Worker.Event<CoursePublished>(e => e.CourseId == import.CourseId);
    }

    async Task<CourseImportView> Imported(Actor tutor, byte[] archive)
    {
        var answer = await Send(tutor, archive);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<CourseImportView>(LearningJson.Web.Options))!;
    }

    async Task<HttpResponseMessage> Send(Actor tutor, byte[] archive, string? messageId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/internal/learning/imports") { Content = new ByteArrayContent(archive) };
        if (messageId is not null) request.Headers.Add(InternalApi.MessageIdHeader, messageId);
        return await learning.Worker.Api(tutor).SendAsync(request);
    }
}
