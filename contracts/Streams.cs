namespace EdTech.Contracts;

/// <summary>
/// A record of a Kafka stream. On the wire a CloudEvent 1.0 in Kafka's binary mode: <see cref="RecordId"/> is <c>ce_id</c>, the
/// <see cref="StreamRecordAttribute.Type"/> of the concrete record <c>ce_type</c>, <see cref="At"/> <c>ce_time</c>; the value is the record as JSON.
/// </summary>
public interface IStreamRecord
{
    /// <summary>Made by whoever produces first; every repeat of the record carries the same, which is how a repeat is recognised.</summary>
    Guid RecordId { get; }

    /// <summary>The partition key: records of one key are in order.</summary>
    string Key { get; }

    /// <summary>When it happened, UTC.</summary>
    DateTimeOffset At { get; }
}

/// <summary>The name of a record's type on the wire. It never changes; an incompatible record is a new type with the next number.</summary>
/// <param name="type">The CloudEvents type: <c>edtech.chat.message.posted.v1</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StreamRecordAttribute(string type) : Attribute
{
    /// <summary>The CloudEvents type.</summary>
    public string Type { get; } = type;
}

/// <summary>A Kafka topic of the platform.</summary>
/// <param name="Name">Its name with the default prefix: <c>edtech.chat.messages</c>. An installation with another prefix replaces the leading <c>edtech</c>.</param>
/// <param name="Partitions">How many partitions it is made with. Never raised later: keys would move, and their order with them.</param>
/// <param name="Retention">How long the broker keeps its records.</param>
/// <param name="Summary">What it carries, for the data team.</param>
public sealed record StreamTopic(string Name, int Partitions, TimeSpan Retention, string Summary)
{
    /// <summary>Where records go that nobody could take: <c>edtech.chat.messages.dead</c>.</summary>
    public string DeadLetter => Name + ".dead";
}

/// <summary>Every topic of the platform. Programs make those that are missing when they start.</summary>
public static class StreamTopics
{
    /// <summary>What is said in conversations, keyed by conversation: the partition's order is the conversation's.</summary>
    public static StreamTopic ChatMessages { get; } = new("edtech.chat.messages", 12, TimeSpan.FromDays(30), "Messages of conversations and what happens to them: posted, edited, deleted, reactions.");

    /// <summary>How far members have read, keyed by conversation.</summary>
    public static StreamTopic ChatReceipts { get; } = new("edtech.chat.receipts", 12, TimeSpan.FromDays(7), "How far the members of conversations have read.");

    /// <summary>What people do in clients, keyed by person or, before they sign in, by anonymous id.</summary>
    public static StreamTopic AnalyticsEvents { get; } = new("edtech.analytics.events", 12, TimeSpan.FromDays(30), "Behaviour events that clients report.");

    /// <summary>Every event that an endpoint published on the bus, keyed by aggregate.</summary>
    /// <param name="domain">The endpoint's short name: <c>learning</c>.</param>
    public static StreamTopic EventsOf(string domain) => new($"edtech.{domain}.events", 6, TimeSpan.FromDays(365), $"Every event of the domain {domain}.");
}
