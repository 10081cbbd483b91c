using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using EdTech.Contracts;

namespace EdTech.Chaos;

/// <summary>What the data team reads: each fact under one <c>ce_id</c>, however often its record came, and none missing.</summary>
static class KafkaFacts
{
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    public static Task Check(string prefix, string servers, IReadOnlyList<string> expected) => Task.Run(() =>
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig { BootstrapServers = servers, GroupId = "chaos", EnableAutoCommit = false })
            .SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!).Build();
        var ids = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var record in Records(consumer, [.. new[] { "users", "learning", "payments", "communication" }.Select(d => StreamTopics.EventsOf(d))], prefix))
        {
            if (FactOf(record) is { } fact)
            {
                (ids.TryGetValue(fact, out var known) ? known : ids[fact] = new(StringComparer.Ordinal)).Add(Header(record, "ce_id"));
            }
        }

        // What else happened (the tutors', the talkers' accounts) was not counted by anybody.
        var wanted = expected.ToHashSet(StringComparer.Ordinal);
        Census.Take("facts in Kafka", wanted, ids.SelectMany(f => Enumerable.Repeat(f.Key, wanted.Contains(f.Key) || f.Value.Count > 1 ? f.Value.Count : 0)));
        StreamTopic[] all = [StreamTopics.ChatMessages, StreamTopics.ChatReceipts, StreamTopics.AnalyticsEvents];
        var dead = Records(consumer, [.. all.Select(t => t with { Name = t.Name + ".dead", Partitions = 1 })], prefix).ToArray();
        if (dead.Length > 0)
        {
            throw new InvalidOperationException($"{dead.Length} records are in dead-letter topics, the first of {dead[0].Topic}: {string.Join(", ", dead[0].Message.Headers.Select(h => $"{h.Key}={Encoding.UTF8.GetString(h.GetValueBytes())}"))}");
        }
    });

    static IEnumerable<ConsumeResult<byte[]?, byte[]?>> Records(IConsumer<byte[]?, byte[]?> consumer, IReadOnlyList<StreamTopic> topics, string prefix)
    {
        var partitions = topics.SelectMany(t => Enumerable.Range(0, t.Partitions).Select(p => new TopicPartition(prefix + t.Name["edtech".Length..], p))).ToArray();
        var left = partitions.ToDictionary(p => p, p => consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(20)).High.Value);
        consumer.Assign(partitions.Where(p => left[p] > 0).Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var waiting = left.Count(l => l.Value > 0);
        while (waiting > 0 && consumer.Consume(Quiet) is { } record)
        {
            waiting -= record.Offset.Value == left[record.TopicPartition] - 1 ? 1 : 0;
            yield return record;
        }

        consumer.Unassign();
        if (waiting > 0)
        {
            throw new TimeoutException($"{waiting} partitions of {string.Join(", ", topics.Select(t => t.Name))} could not be read to their end.");
        }
    }

    static string? FactOf(ConsumeResult<byte[]?, byte[]?> record)
    {
        var body = JsonNode.Parse(record.Message.Value)!;
        return Header(record, "ce_type").Split('.')[^2] switch
        {
            "account-registered" => $"account-registered {body["AccountId"]}",
            "course-published" => $"course-published {body["CourseId"]}",
            "student-enrolled" => $"student-enrolled {body["StudentId"]} {body["CourseId"]}",
            "lesson-completed" => $"lesson-completed {body["StudentId"]} {body["LessonId"]}",
            "quiz-graded" => $"quiz-graded {body["AttemptId"]}",
            "course-completed" => $"course-completed {body["StudentId"]} {body["CourseId"]}",
            "certificate-issued" => $"certificate-issued {body["CertificateId"]}",
            "purchase-started" => $"purchase-started {body["PurchaseId"]}",
            "payment-succeeded" => $"payment-succeeded {body["PurchaseId"]}",
            "conversation-created" => $"conversation-created {body["ConversationId"]}",
            _ => null,
        };
    }

    static string Header(ConsumeResult<byte[]?, byte[]?> record, string name) => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name));
}
