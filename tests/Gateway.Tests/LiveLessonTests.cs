using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

/// <summary>Live lessons as browsers and Agora see them.</summary>
public sealed class LiveLessonTests(GatewayFixture fixture)
{
    [Fact]
    public async Task A_lesson_is_planned_held_and_ended_over_http()
    {
        var (tutor, student, stranger) = (await fixture.SignUp("tutor"), await fixture.SignUp("student"), await fixture.SignUp("student"));
        var planned = await Send(tutor, HttpMethod.Post, "/v1/lesson-sessions", new { title = "Fractions", startsAt = DateTimeOffset.UtcNow, minutes = 60, studentIds = new[] { student.AccountId } });
        planned.Status.ShouldBe(HttpStatusCode.Created, planned.Body.ToJsonString());
        var lesson = $"/v1/lesson-sessions/{planned.Body["id"]}";
        (await Send(tutor, HttpMethod.Post, $"{lesson}/open")).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(tutor, HttpMethod.Post, $"{lesson}/join")).Status.ShouldBe(HttpStatusCode.OK);
        var ticket = await Send(student, HttpMethod.Post, $"{lesson}/join");
        ticket.Body["rtcToken"]!.GetValue<string>().ShouldStartWith("007");
        (await Send(student, HttpMethod.Post, $"{lesson}/ticket")).Body["uid"]!.GetValue<int>().ShouldBe(ticket.Body["uid"]!.GetValue<int>());
        (await Send(student, HttpMethod.Put, $"{lesson}/hand")).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(stranger, HttpMethod.Post, $"{lesson}/join")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Send(student, HttpMethod.Post, $"{lesson}/end")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await Send(student, HttpMethod.Get, lesson)).Body["status"]!.GetValue<string>().ShouldBe("running");
        (await Send(tutor, HttpMethod.Post, $"{lesson}/end")).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(student, HttpMethod.Get, lesson)).Body["outcome"]!.GetValue<string>().ShouldBe("held");
        await WorkerUnderTest.Until(async () => (await Send(student, HttpMethod.Get, "/v1/lesson-sessions")).Body["items"]!.AsArray().Count == 1, "the lesson is listed");
    }

    [Theory]
    [InlineData(true, true, HttpStatusCode.OK)]
    [InlineData(true, false, HttpStatusCode.BadRequest)]
    [InlineData(false, false, HttpStatusCode.BadRequest)]
    public async Task A_notice_is_taken_when_Agora_has_signed_it(bool signed, bool rightly, HttpStatusCode status)
    {
        const string Notice = """{"noticeId":"1","productId":1,"eventType":101,"payload":{"channelName":"test"}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/webhooks/agora", UriKind.Relative));
        request.Content = new StringContent(Notice);
        if (signed)
            request.Headers.Add("Agora-Signature-V2", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(rightly ? "agora_platform" : "another"), Encoding.UTF8.GetBytes(Notice))));

        using var answer = await fixture.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(status);
    }

    async Task<(HttpStatusCode Status, JsonNode Body)> Send(Person by, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = by.Authorization;
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await fixture.Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync()) ?? new JsonObject());
    }
}
