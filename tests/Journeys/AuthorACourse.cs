using System.Net;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>A tutor's way over HTTP: every operation of authoring, with the ETags and problems that an editor lives by.</summary>
public sealed class AuthorACourse : IAsyncLifetime
{
    PlatformUnderTest _platform = null!;

    public async ValueTask InitializeAsync() => _platform = await PlatformUnderTest.StartProcess();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task From_an_empty_draft_to_a_second_version()
    {
        var tutor = await Person.Register(_platform, tutor: true);
        var subject = $"s{Guid.NewGuid():N}"[..20];

        using var created = await tutor.Send(HttpMethod.Post, "/v1/courses", Requests.Course("Knots for sailors", subject));
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        var course = Id(await Json(created));
        created.Headers.Location!.ToString().ShouldBe($"/v1/courses/{course}");

        var first = Id(await tutor.Expect(201, HttpMethod.Post, $"/v1/courses/{course}/sections", new { title = "First" }));
        var second = Id(await tutor.Expect(201, HttpMethod.Post, $"/v1/courses/{course}/sections", new { title = "Second", position = 0 }));
        await tutor.Expect(200, HttpMethod.Patch, $"/v1/courses/{course}/sections/{second}", new { title = "Renamed" });
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/sections/{second}/move", new { position = 1 });
        var article = Id(await tutor.Expect(201, HttpMethod.Post, $"/v1/courses/{course}/sections/{first}/lessons", Requests.Article("Reef knot")));
        var quiz = Id(await tutor.Expect(201, HttpMethod.Post, $"/v1/courses/{course}/sections/{first}/lessons", Requests.Quiz("Which knot?")));
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/lessons/{quiz}/move", new { sectionId = second, position = 0 });
        await tutor.Expect(200, HttpMethod.Put, $"/v1/courses/{course}/lessons/{article}", new { kind = "article", title = "Reef knot", content = new { html = "<p onclick=\"x\">Right over left.</p><script>1</script>" } });
        (await tutor.Get($"/v1/courses/{course}/draft/lessons/{article}"))["content"]!["html"]!.GetValue<string>().ShouldBe("<p>Right over left.</p>");

        using var draft = await tutor.Send(HttpMethod.Get, $"/v1/courses/{course}?version=draft");
        var etag = draft.Headers.ETag!.Tag;
        (await Json(draft))["outline"]!.AsArray().Select(s => $"{s!["title"]} {s["lessons"]!.AsArray().Count}").ShouldBe(["First 1", "Renamed 1"]);
        using (var edited = await tutor.Send(HttpMethod.Put, $"/v1/courses/{course}/details", Requests.Course("Knots", subject), ifMatch: etag))
            edited.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Problem(await tutor.Send(HttpMethod.Post, $"/v1/courses/{course}/publish", ifMatch: etag), 412, "course.stale");

        await Problem(await _platform.Http.GetAsync(new Uri($"/v1/courses/{course}", UriKind.Relative)), 404, "course.unknown");
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/publish");
        var open = await Json(await _platform.Http.GetAsync(new Uri($"/v1/courses/{course}", UriKind.Relative)));
        (open["version"]!.GetValue<int>(), open["details"]!["title"]!.GetValue<string>()).ShouldBe((1, "Knots"));
        (await tutor.Get($"/v1/courses/by-slug/{open["slug"]}"))["courseId"]!.GetValue<Guid>().ShouldBe(course);
        var listed = await Json(await _platform.Http.GetAsync(new Uri($"/v1/catalogue?q=knots&subject={subject}&free=true&sort=newest", UriKind.Relative)));
        listed["items"]!.AsArray().ShouldHaveSingleItem()!["titleHtml"]!.GetValue<string>().ShouldBe("<mark>Knots</mark>");
        listed["facets"]!["free"]!.GetValue<int>().ShouldBe(1);

        await tutor.Expect(200, HttpMethod.Delete, $"/v1/courses/{course}/lessons/{quiz}");
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/discard-draft");
        await tutor.Expect(200, HttpMethod.Delete, $"/v1/courses/{course}/sections/{second}");
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/publish");
        (await tutor.Get($"/v1/courses/{course}"))["version"]!.GetValue<int>().ShouldBe(2);
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/archive");
        await Problem(await tutor.Send(HttpMethod.Post, $"/v1/courses/{course}/sections", new { title = "Late" }), 409, "course.archived");
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/restore");

        (await tutor.Get("/v1/me/courses-authored"))["items"]!.AsArray().ShouldHaveSingleItem()!["publishedVersion"]!.GetValue<int>().ShouldBe(2);
        (await tutor.Get($"/v1/courses/{course}/history?limit=1"))["items"]![0]!["what"]!.GetValue<string>().ShouldBe("RestoreCourse");
    }

    [Fact]
    public async Task What_is_wrong_with_a_course_is_named_field_by_field()
    {
        var tutor = await Person.Register(_platform, tutor: true);
        var course = Id(await tutor.Post("/v1/courses", Requests.Course("Right")));
        var section = Id(await tutor.Post($"/v1/courses/{course}/sections", new { title = "First" }));

        (await Fields(await tutor.Send(HttpMethod.Post, "/v1/courses", new { }))).ShouldBe(["language", "level", "subjects", "title"]);
        (await Fields(await tutor.Send(HttpMethod.Post, $"/v1/courses/{course}/sections", new { position = -1 }))).ShouldBe(["position", "title"]);
        (await Fields(await tutor.Send(HttpMethod.Post, $"/v1/courses/{course}/sections/{section}/lessons", new { title = "x" }))).ShouldBe(["kind"]);
        (await Fields(await tutor.Send(HttpMethod.Post, $"/v1/courses/{course}/sections/{section}/lessons", QuizOf(200, []))))
            .ShouldBe(["content.quiz.passPercent"]);
        (await Fields(await tutor.Send(HttpMethod.Post, $"/v1/courses/{course}/sections/{section}/lessons", QuizOf(50, [null]))))
            .ShouldBe(["content.quiz.questions"], "a null among questions is refused before anything else is looked at");
        (await Fields(await tutor.Send(HttpMethod.Get, "/v1/catalogue?limit=0&sort=best&currency=euro"))).ShouldNotBeEmpty();

        var student = await Person.Register(_platform);
        await Problem(await student.Send(HttpMethod.Post, "/v1/courses", Requests.Course("No tutor")), 403, null);
        var stranger = await Person.Register(_platform, tutor: true);
        await Problem(await stranger.Send(HttpMethod.Delete, $"/v1/courses/{course}/sections/{section}"), 404, "course.unknown");
    }

    static object QuizOf(int passPercent, object?[] questions) => new { kind = "quiz", title = "x", content = new { quiz = new { passPercent, questions } } };

    static async Task<List<string>> Fields(HttpResponseMessage response)
    {
        var problem = await Problem(response, 400, null);
        return [.. problem["errors"]!.AsArray().Select(e => e!["name"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    static async Task<JsonNode> Problem(HttpResponseMessage response, int status, string? code)
    {
        using (response)
        {
            var problem = await Json(response);
            ((int)response.StatusCode).ShouldBe(status, problem.ToJsonString());
            if (code is not null)
                problem["code"]!.GetValue<string>().ShouldBe(code);
            return problem;
        }
    }

    static async Task<JsonNode> Json(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    static Guid Id(JsonNode done) => done["id"]!.GetValue<Guid>();
}
