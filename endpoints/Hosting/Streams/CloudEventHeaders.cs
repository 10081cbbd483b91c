using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace EdTech.Hosting;

/// <summary>The headers of a CloudEvent 1.0 in Kafka's binary mode.</summary>
static class CloudEventHeaders
{
    public const string SpecVersion = "ce_specversion";
    public const string Id = "ce_id";
    public const string Type = "ce_type";
    public const string Source = "ce_source";
    public const string Time = "ce_time";
    public const string DataSchema = "ce_dataschema";
    public const string ContentType = "content-type";
    public const string TraceParent = "traceparent";

    static readonly byte[] Version = "1.0"u8.ToArray();
    static readonly byte[] Json = "application/json"u8.ToArray();

    public static Confluent.Kafka.Headers Of(byte[] id, byte[] type, byte[] source, DateTimeOffset at, byte[] schema)
    {
        var time = new byte[32];
        at.UtcDateTime.TryFormat(time, out var length, "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
        return new Confluent.Kafka.Headers
        {
            { SpecVersion, Version },
            { Id, id },
            { Type, type },
            { Source, source },
            { Time, time[..length] },
            { ContentType, Json },
            { DataSchema, schema },
        };
    }

    /// <summary>The last value of a header as text, or null.</summary>
    public static string? Text(this Confluent.Kafka.Headers headers, string name)
        => headers.TryGetLastBytes(name, out var bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes) : null;
}
