using System.Net;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>One learner's way, end to end, as the README tells it: and all of it still there after the platform was killed.</summary>
public sealed class LearnACourse : IAsyncLifetime
{
    PlatformUnderTest _platform = null!;

    public async ValueTask InitializeAsync() => _platform = await PlatformUnderTest.StartProcess();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task From_registration_to_a_certificate_that_a_stranger_can_verify()
    {
        var tutor = await Person.Register(_platform, tutor: true);
        var marker = $"photosynthesis {Guid.NewGuid():N}"[..24];
        var course = Id(await tutor.Expect(201, HttpMethod.Post, "/v1/courses", Requests.Course($"Understanding {marker}")));
        var section = Id(await tutor.Post($"/v1/courses/{course}/sections", new { title = "Light" }));
        var article = Id(await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("What leaves do")));
        var quiz = Id(await tutor.Post($"/v1/courses/{course}/sections/{section}/lessons", Requests.Quiz("Did it stick?")));
        await tutor.Post($"/v1/courses/{course}/publish");

        var student = await Person.Register(_platform);
        await WorkerUnderTest.Until(
            async () => (await student.Get("/v1/catalogue?q=Undrestanding%20photosinthesis"))["items"]!.AsArray().Any(c => c!["courseId"]!.GetValue<Guid>() == course),
            "the misspelled search finds the course");
        await student.Post($"/v1/courses/{course}/enrolment");
        await student.Post($"/v1/courses/{course}/lessons/{article}/complete");
        (await student.Get($"/v1/courses/{course}/progress"))["percent"]!.GetValue<int>().ShouldBe(50);

        var lesson = await student.Get($"/v1/courses/{course}/lessons/{quiz}");
        lesson.ToJsonString().ShouldNotContain("\"correct\"", customMessage: "a learner must not see the key");
        var attempt = Id(await student.Post($"/v1/courses/{course}/lessons/{quiz}/attempts"));
        var questions = (await student.Get($"/v1/attempts/{attempt}"))["questions"]!.AsArray();
        await student.Post($"/v1/attempts/{attempt}/submission", new { answers = questions.Select(Requests.RightAnswer).ToArray() });
        (await student.Get($"/v1/attempts/{attempt}"))["passed"]!.GetValue<bool>().ShouldBeTrue();

        JsonNode? certificate = null;
        await WorkerUnderTest.Until(
            async () => (certificate = (await student.Get("/v1/me/certificates"))["items"]!.AsArray().FirstOrDefault(c => c!["courseId"]!.GetValue<Guid>() == course)) is not null,
            "the certificate is issued");
        var certificateId = certificate!["certificateId"]!.GetValue<Guid>();
        await AStrangerVerifies(certificateId);

        await _platform.Kill();
        await _platform.Restart();

        await student.SignIn();
        (await student.Get($"/v1/courses/{course}/progress"))["percent"]!.GetValue<int>().ShouldBe(100);
        (await student.Get("/v1/me/enrolments"))["items"]!.AsArray().Count.ShouldBe(1);
        await AStrangerVerifies(certificateId);
    }

    async Task AStrangerVerifies(Guid certificate)
    {
        using var verification = await _platform.Http.GetAsync(new Uri($"/v1/certificates/{certificate}/verify", UriKind.Relative));
        verification.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await verification.Content.ReadAsStringAsync())!["valid"]!.GetValue<bool>().ShouldBeTrue();

        using var credential = await _platform.Http.GetAsync(new Uri($"/v1/certificates/{certificate}", UriKind.Relative));
        var json = await credential.Content.ReadAsStringAsync();
        JsonNode.Parse(json)!["proof"]!["cryptosuite"]!.GetValue<string>().ShouldBe("eddsa-jcs-2022");
        using var check = await _platform.Http.PostAsync(new Uri("/v1/certificates/verify", UriKind.Relative), new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        JsonNode.Parse(await check.Content.ReadAsStringAsync())!["valid"]!.GetValue<bool>().ShouldBeTrue();

        using var page = await _platform.Http.GetAsync(new Uri($"/certificates/{certificate}", UriKind.Relative));
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
    }

    static Guid Id(JsonNode done) => done["id"]!.GetValue<Guid>();
}
