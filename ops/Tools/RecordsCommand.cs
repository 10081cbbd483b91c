using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confluent.Kafka;

namespace EdTech.Tools;

/// <summary>Prints the records of a topic, oldest first, as the data team sees them: the CloudEvents headers and the body, one JSON line each.</summary>
static class RecordsCommand
{
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    public static Task<int> Run(Arguments arguments, CancellationToken ct)
    {
        var topic = arguments.Value("a topic, edtech.learning.events for instance");
        var servers = Environment.GetEnvironmentVariable("EDTECH_KAFKA") is { Length: > 0 } set ? set : throw new UsageException("EDTECH_KAFKA is not set: eval \"$(ops/stack env)\".");
        var most = arguments.Number("last", 20);
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig { BootstrapServers = servers, GroupId = "edtech-tools", EnableAutoCommit = false, EnablePartitionEof = false })
            .SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Select(p => new TopicPartition(topic, p.PartitionId)).ToArray();
        // The last few of each partition hold the last few of all.
        var ends = partitions.Select(p => (Partition: p, Offsets: consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(10)))).ToArray();
        consumer.Assign(ends.Select(e => new TopicPartitionOffset(e.Partition, Math.Max(e.Offsets.Low.Value, e.Offsets.High.Value - most))));
        var left = ends.Sum(e => Math.Min(most, e.Offsets.High.Value - e.Offsets.Low.Value));
        var read = new List<ConsumeResult<byte[]?, byte[]?>>();
        while (read.Count < left && !ct.IsCancellationRequested && consumer.Consume(Quiet) is { } record)
        {
            read.Add(record);
        }

        foreach (var record in read.OrderBy(r => r.Message.Timestamp.UnixTimestampMs).TakeLast(most))
        {
            Console.WriteLine(Line(record));
        }

        return Task.FromResult(0);
    }

    static string Line(ConsumeResult<byte[]?, byte[]?> record)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("partition", record.Partition.Value);
            json.WriteNumber("offset", record.Offset.Value);
            json.WriteString("key", record.Message.Key);
            json.WriteStartObject("headers");
            foreach (var header in record.Message.Headers ?? [])
            {
                json.WriteString(header.Key, header.GetValueBytes());
            }

            json.WriteEndObject();
            json.WritePropertyName("body");
            if (record.Message.Value is { Length: > 0 } body)
            {
                json.WriteRawValue(body);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(line.ToArray());
    }
}
