using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Tools;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>Uploads of course archives, honest and not, by HTTP.</summary>
public sealed class ImportACourse(PlatformFixture fixture)
{
    [Fact]
    public async Task An_archive_becomes_a_draft_once_however_often_it_is_sent_under_one_key()
    {
        var tutor = await Person.Register(fixture.Platform, tutor: true);
        var archive = await Archive("Bees");

        var answers = await Task.WhenAll(Upload(tutor, archive, "first"), Upload(tutor, archive, "first"));
        var repeat = await Upload(tutor, archive, "first");

        answers.Append(repeat).ShouldAllBe(a => a.Status == HttpStatusCode.Created);
        answers.Append(repeat).Select(a => (string)a.Body["courseId"]!).Distinct().Count().ShouldBe(1);
        (await tutor.Get("/v1/me/courses-authored"))["items"]!.AsArray().Count.ShouldBe(1);
        ((int)(await tutor.Get($"/v1/imports/{(string)repeat.Body["importId"]!}"))["report"]!["found"]!).ShouldBe(1);

        var other = await Upload(tutor, await Archive("Wasps"), "first");
        (other.Status, (string)other.Body["code"]!).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency.key_reused"));
    }

    [Fact]
    public async Task What_is_no_archive_is_refused_with_its_reason()
    {
        var tutor = await Person.Register(fixture.Platform, tutor: true);

        var text = await Upload(tutor, Encoding.UTF8.GetBytes(new string('x', 5000)), "text");
        (text.Status, (string)text.Body["code"]!).ShouldBe((HttpStatusCode.UnprocessableEntity, "import.malformed_archive"));

        var nothing = await Send(tutor, new MultipartFormDataContent { { new StringContent("no file"), "other" } });
        nothing.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((string)nothing.Body["errors"]![0]!["name"]!).ShouldBe("file");

        (await Send(tutor, new StringContent("{}", Encoding.UTF8, "application/json"))).Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType);
        (await Upload(tutor, new byte[(64 << 20) + (128 << 10)], "large")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await tutor.Get("/v1/me/courses-authored"))["items"]!.AsArray().Count.ShouldBe(0);
    }

    [Fact]
    public async Task Only_authors_import_and_only_the_owner_reads_the_report()
    {
        var tutor = await Person.Register(fixture.Platform, tutor: true);
        var archive = await Archive("Ants");
        var import = (string)(await Upload(tutor, archive, "mine")).Body["importId"]!;

        (await Upload(await Person.Register(fixture.Platform), archive, "no")).Status.ShouldBe(HttpStatusCode.Forbidden);
        using var foreign = await (await Person.Register(fixture.Platform, tutor: true)).Send(HttpMethod.Get, $"/v1/imports/{import}");
        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    static async Task<byte[]> Archive(string title)
    {
        var folder = Directory.CreateTempSubdirectory("olx");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "course.xml"), $"""
            <course display_name="{title}" url_name="run"><chapter display_name="One"><sequential display_name="First"><vertical display_name="Unit">
              <html>What {title.ToLowerInvariant()} do.</html>
            </vertical></sequential></chapter></course>
            """);
        var archive = await ImportCommand.Pack(folder.FullName, CancellationToken.None);
        folder.Delete(recursive: true);
        return archive;
    }

    Task<(HttpStatusCode Status, JsonNode Body)> Upload(Person person, byte[] archive, string key)
    {
        var file = new ByteArrayContent(archive);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/gzip");
        return Send(person, new MultipartFormDataContent { { file, "file", "course.tar.gz" } }, key);
    }

    async Task<(HttpStatusCode Status, JsonNode Body)> Send(Person person, HttpContent content, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", person.AccessToken);
        request.Headers.ExpectContinue = true;
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var response = await fixture.Platform.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonNode.Parse(text.Length > 0 ? text : "{}")!);
    }
}
