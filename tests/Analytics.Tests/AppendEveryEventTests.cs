using System.Text.Json;
using EdTech.Contracts;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Analytics.Tests;

public sealed class AppendEveryEventTests(AnalyticsFixture fixture)
{
    const string Archived = "EdTech.Contracts.Learning.CourseArchived";
    static readonly StreamTopic Learning = StreamTopics.EventsOf("learning");

    [Fact]
    public async Task An_event_is_in_its_domains_topic_as_it_was_published()
    {
        var course = Guid.NewGuid();
        var id = Guid.NewGuid().ToString();
        var body = $$"""{"CourseId":"{{course}}","TutorId":"{{Guid.NewGuid()}}","ArchivedAt":"2026-11-23T08:00:00+00:00"}""";
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        await fixture.Publish(Archived, body, id, "2026-11-23 08:00:01:500000 Z", Trace);

        var record = (await fixture.Read(Learning, r => r.Id == id, 1)).Single();
        record.Key.ShouldBe(course.ToString());
        record.Body.ShouldBe(body);
        record.Headers["ce_type"].ShouldBe("edtech.learning.course-archived.v1");
        record.Headers["ce_source"].ShouldBe("EdTech.Learning");
        record.Headers["ce_time"].ShouldBe("2026-11-23T08:00:01.5Z");
        record.Headers["ce_dataschema"].ShouldBe("urn:edtech:schema:edtech.learning.course-archived.v1");
        record.Headers["traceparent"].ShouldContain("0af7651916cd43dd8448eb211c80319c");
    }

    [Fact]
    public async Task A_message_that_is_delivered_again_is_appended_under_the_same_id()
    {
        var id = Guid.NewGuid().ToString();
        var body = $$"""{"CourseId":"{{Guid.NewGuid()}}"}""";

        await fixture.Publish(Archived, body, id);
        await fixture.Publish(Archived, body, id);

        var records = await fixture.Read(Learning, r => r.Id == id, 2);
        records.Select(r => r.Body).ShouldBe([body, body]);
    }

    [Fact]
    public async Task An_event_that_this_build_does_not_know_is_appended_too()
    {
        var id = Guid.NewGuid().ToString();

        await fixture.Publish("EdTech.Contracts.Learning.CourseTranslated", """{"CourseId":"c-1","Languages":["pt"]}""", id);

        var record = (await fixture.Read(Learning, r => r.Id == id, 1)).Single();
        record.Key.ShouldBe("c-1");
        record.Headers["ce_type"].ShouldBe("edtech.learning.course-translated.v1");
    }

    [Fact]
    public async Task An_event_of_no_domain_is_put_aside_and_not_lost()
    {
        await fixture.Worker.Probe.Listen("error");
        var id = Guid.NewGuid().ToString();

        await fixture.Publish("Elsewhere.ThingHappened", """{"ThingId":1}""", id);

        var failed = await fixture.Worker.Probe.Message(m => m.Exchange == "error" && m.Headers[Hosting.Headers.MessageId] == id, "the event in the error queue");
        failed.Text.ShouldBe("""{"ThingId":1}""");
        failed.Headers[Hosting.Headers.ExceptionMessage].ShouldContain("no contract of a domain");
    }

    [Fact]
    public async Task Events_of_an_aggregate_keep_their_order()
    {
        var courses = Enumerable.Range(0, 7).Select(_ => Guid.NewGuid().ToString()).ToArray();
        for (var n = 0; n < 350; n++)
        {
            await fixture.Publish(Archived, $$"""{"CourseId":"{{courses[n % courses.Length]}}","N":{{n}}}""");
        }

        var records = await fixture.Read(Learning, r => courses.Contains(r.Key), 350);

        records.Count.ShouldBe(350);
        foreach (var course in records.GroupBy(r => r.Key))
        {
            var numbers = course.Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("N").GetInt32()).ToArray();
            numbers.ShouldBe(numbers.Order());
        }
    }

    [Theory]
    [InlineData("""{"A":"x","B":1}""", "x")]
    [InlineData("""{"A":12}""", "12")]
    [InlineData("""{"A":null}""", null)]
    [InlineData("""{"A":{"Id":"x"}}""", null)]
    [InlineData("{}", null)]
    [InlineData("", null)]
    [InlineData("{\"A", null)]
    [InlineData("[1]", null)]
    [InlineData("""{"A":"\ud800"}""", null)]
    public void The_key_is_the_first_property(string body, string? key)
        => AppendEveryEvent.KeyOf(System.Text.Encoding.UTF8.GetBytes(body)).ShouldBe(key);
}
