using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class ReportBehaviourTests(GatewayFixture fixture)
{
    static readonly Uri Events = new("/v1/events", UriKind.Relative);

    [Fact]
    public async Task Each_event_of_a_batch_has_its_own_verdict()
    {
        var batch = Batch(
            Event("page.viewed", """{"title":"Home"}"""),
            Event("page.viewed", """{"title":"Home","unknown":1}"""),
            Event("page.painted", "{}"),
            Event("video.paused", """{"lessonId":"0f0e0d0c-0b0a-4908-8706-050403020100","positionSeconds":-1,"watchedSeconds":1}"""),
            Event("video.paused", """{"lessonId":"0f0e0d0c-0b0a-4908-8706-050403020100","positionSeconds":1}"""),
            Event("cta.clicked", """{"name":"course.enrol"}"""),
            Event("cta.clicked", """{"name":"course.enrol"}""", at: DateTimeOffset.UtcNow.AddDays(-8)),
            Event("cta.clicked", """{"name":"course.enrol"}""", at: DateTimeOffset.UtcNow.AddHours(1)),
            Event("identity.merged", """{"anonymousId":"0f0e0d0c-0b0a-4908-8706-050403020100","accountId":"0f0e0d0c-0b0a-4908-8706-050403020100"}"""),
            JsonValue.Create(42));

        var (status, answer) = await Send(Json(batch));

        status.ShouldBe(HttpStatusCode.OK);
        answer["accepted"]!.GetValue<int>().ShouldBe(2);
        answer["rejected"]!.AsArray().Select(r => $"{r!["index"]} {r["code"]} {r["message"]}").ShouldBe(
        [
            "1 event.malformed data.unknown has the wrong type, is not known or is given twice.",
            "2 event.type_unknown The platform knows no such type; see contracts/schemas for those it knows.",
            "3 event.out_of_limits data.positionSeconds is between 0 and 86400.",
            "4 event.malformed data.watchedSeconds is required.",
            "6 event.too_old at is more than 7 days before the batch's sentAt.",
            "7 event.in_the_future at is later than the batch's sentAt.",
            "8 event.type_unknown The platform knows no such type; see contracts/schemas for those it knows.",
            "9 event.malformed The event has the wrong type, is not known or is given twice.",
        ]);
    }

    [Fact]
    public async Task Text_that_cannot_be_stored_refuses_its_event_and_no_other()
    {
        var text = Batch(Event("page.viewed", """{"title":"@"}"""), Event("page.viewed", """{"title":"Home"}""")).ToJsonString().Replace("\"@\"", "\"\\ud83e\"", StringComparison.Ordinal);

        var (status, answer) = await Send(new StringContent(text, Encoding.UTF8, "application/json"));

        status.ShouldBe(HttpStatusCode.OK);
        answer["accepted"]!.GetValue<int>().ShouldBe(1);
        answer["rejected"]!.AsArray().Single()!["index"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task What_is_done_before_and_after_sign_in_is_one_persons()
    {
        var person = await fixture.SignUp("student");
        var anonymous = Guid.NewGuid();
        var before = Event("search.performed", """{"query":"fractions","results":3}""");
        before["page"] = "/search?q=fractions&token=secret#top";
        var after = Event("page.viewed", "{}");

        (await Send(Json(Batch(anonymous, before)))).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(Json(Batch(anonymous, after)), person)).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(Json(Batch(anonymous, after)), person)).Status.ShouldBe(HttpStatusCode.OK);

        JsonNode own = null!;
        await WorkerUnderTest.Until(async () => (own = await Get("/v1/me/behaviour", person))["items"]!.AsArray().Count >= 2, "both are stored as the person's");
        own["items"]!.AsArray().Select(e => e!["eventId"]!.GetValue<string>()).ShouldBe([after["eventId"]!.GetValue<string>(), before["eventId"]!.GetValue<string>()]);
        var search = own["items"]![1]!;
        search["page"]!.GetValue<string>().ShouldBe("/search");
        search["data"]!["query"]!.GetValue<string>().ShouldBe("fractions");

        var support = await fixture.SignUp("support");
        (await Get($"/v1/accounts/{person.AccountId}/behaviour/counts", support))["total"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_corrected()
    {
        var person = await fixture.SignUp("student");
        var hoursAgo = DateTimeOffset.UtcNow.AddHours(-5);
        var batch = Batch(Guid.NewGuid(), Event("page.viewed", "{}", at: hoursAgo.AddMinutes(-10)));
        batch["sentAt"] = hoursAgo.ToString("O");

        (await Send(Json(batch), person)).Status.ShouldBe(HttpStatusCode.OK);

        JsonNode own = null!;
        await WorkerUnderTest.Until(async () => (own = await Get("/v1/me/behaviour", person))["items"]!.AsArray().Count >= 1, "the event is stored");
        own["items"]![0]!["at"]!.GetValue<DateTimeOffset>().ShouldBe(DateTimeOffset.UtcNow.AddMinutes(-10), TimeSpan.FromMinutes(2));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_batch_may_be_packed(string encoding)
    {
        var batch = Batch([.. Enumerable.Range(0, 500).Select(_ => Event("page.viewed", """{"title":"Home"}"""))]);

        var (status, answer) = await Send(Packed(Encoding.UTF8.GetBytes(batch.ToJsonString()), encoding));

        status.ShouldBe(HttpStatusCode.OK);
        answer["accepted"]!.GetValue<int>().ShouldBe(500);
    }

    [Fact]
    public async Task What_unpacks_to_more_than_a_megabyte_is_refused()
    {
        var bomb = Packed(new byte[200_000_000], "gzip");
        bomb.Headers.ContentLength!.Value.ShouldBeLessThan(300_000);

        var (status, answer) = await Send(bomb);

        status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        answer["code"]!.GetValue<string>().ShouldBe("request.too_large");
    }

    [Theory]
    [InlineData("gzip", 400)]
    [InlineData("zstd-of-another-day", 415)]
    public async Task A_body_that_is_not_packed_as_it_says_is_refused(string encoding, int expected)
    {
        var content = Json(Batch(Event("page.viewed", "{}")));
        content.Headers.ContentEncoding.Add(encoding);

        var (status, answer) = await Send(content);

        ((int)status).ShouldBe(expected);
        answer["code"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_batch_has_500_events_at_most_and_at_least_one()
    {
        (await Send(Json(Batch([.. Enumerable.Range(0, 501).Select(_ => Event("page.viewed", "{}"))])))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Send(Json(Batch()))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    async Task<(HttpStatusCode Status, JsonNode Answer)> Send(HttpContent content, Person? by = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Events) { Content = content };
        request.Headers.Authorization = by?.Authorization;
        using var response = await fixture.Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    async Task<JsonNode> Get(string path, Person by)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = by.Authorization;
        using var response = await fixture.Http.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    static HttpContent Json(JsonNode body) => new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");

    static ByteArrayContent Packed(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true) : new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(body);
        }

        var content = new ByteArrayContent(packed.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json"), ContentLength = packed.Length } };
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    static JsonNode Event(string type, string data, DateTimeOffset? at = null)
        => new JsonObject { ["eventId"] = Guid.NewGuid().ToString(), ["type"] = type, ["at"] = (at ?? DateTimeOffset.UtcNow).ToString("O"), ["data"] = JsonNode.Parse(data) };

    static JsonObject Batch(params JsonNode[] events) => Batch(Guid.NewGuid(), events);

    static JsonObject Batch(Guid anonymous, params JsonNode[] events) => new()
    {
        ["anonymousId"] = anonymous.ToString(),
        ["sessionId"] = Guid.NewGuid().ToString(),
        ["app"] = "web 1.0.0",
        ["sentAt"] = DateTimeOffset.UtcNow.ToString("O"),
        ["events"] = new JsonArray([.. events.Select(e => e.DeepClone())]),
    };
}
