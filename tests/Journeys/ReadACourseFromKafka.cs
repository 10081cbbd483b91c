using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using EdTech.Contracts;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>What a tutor does over HTTP is in Kafka for a consumer that knows nothing of the platform but the topic.</summary>
public sealed class ReadACourseFromKafka(PlatformFixture fixture)
{
    [Fact]
    public async Task A_published_course_is_in_the_topic_of_its_domain()
    {
        var tutor = await Person.Register(fixture.Platform, tutor: true);
        var course = Id(await tutor.Expect(201, HttpMethod.Post, "/v1/courses", Requests.Course("Knots in the stream", $"s{Guid.NewGuid():N}"[..20])));
        var section = Id(await tutor.Expect(201, HttpMethod.Post, $"/v1/courses/{course}/sections", new { title = "First" }));
        await tutor.Expect(201, HttpMethod.Post, $"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("Reef knot"));
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/publish");
        await tutor.Expect(200, HttpMethod.Post, $"/v1/courses/{course}/archive");

        var records = await Read(StreamTopics.EventsOf("learning"), course.ToString(), 2);

        records.Select(r => Header(r, "ce_type")).ShouldBe(["edtech.learning.course-published.v1", "edtech.learning.course-archived.v1"]);
        var published = JsonNode.Parse(records[0].Message.Value)!;
        published["CourseId"]!.GetValue<Guid>().ShouldBe(course);
        published["Title"]!.GetValue<string>().ShouldBe("Knots in the stream");
        Header(records[0], "ce_source").ShouldBe("EdTech.Learning");
        Header(records[0], "ce_specversion").ShouldBe("1.0");
        Guid.TryParse(Header(records[0], "ce_id"), out _).ShouldBeTrue();
    }

    async Task<List<ConsumeResult<string, string>>> Read(StreamTopic topic, string key, int count)
    {
        var name = fixture.Platform.Infrastructure.Prefix + topic.Name["edtech".Length..];
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA"), GroupId = "none", EnableAutoCommit = false }).Build();
        consumer.Assign(Enumerable.Range(0, topic.Partitions).Select(p => new TopicPartitionOffset(name, p, Offset.Beginning)));
        var found = new List<ConsumeResult<string, string>>();
        await WorkerUnderTest.Until(
            async () =>
            {
                if (await Task.Run(() => consumer.Consume(TimeSpan.FromMilliseconds(500))) is { } result && result.Message.Key == key)
                {
                    found.Add(result);
                }

                return found.Count >= count;
            },
            $"{count} records of {key} are in {name}");
        return found;
    }

    static string Header(ConsumeResult<string, string> record, string name) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name));

    static Guid Id(JsonNode answer) => answer["id"]!.GetValue<Guid>();
}
