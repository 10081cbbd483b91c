using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;

namespace EdTech.Analytics;

/// <summary>
/// Appends every event of the bus to its domain's topic, body as published, under the message's id: a redelivery repeats the record under the same id.
/// Power failure: the message is acknowledged after Kafka has the record on all in-sync replicas, so a record may come twice and never not at all. While
/// Kafka is away the messages wait in the queue. Events of one aggregate keep the queue's order while one instance runs.
/// </summary>
sealed class AppendEveryEvent(IStreamProducer streams) : IHandleOutsideCalls<PublishedEvent>
{
    public async Task Handle(PublishedEvent message, IMessageHandlerContext context)
    {
        var domain = EventStreams.DomainOf(message.TypeName)
            ?? throw new InvalidOperationException($"{message.TypeName} is published on the bus, but is no contract of a domain (EdTech.Contracts.<Domain>.<Event>), so it has no topic. Move the event to its domain's contracts and retry the message.");
        var headers = context.MessageHeaders;
        var record = new RawStreamRecord(
            context.MessageId,
            KeyOf(message.Body) ?? context.MessageId,
            EventStreams.TypeOf(domain, message.TypeName),
            headers.GetValueOrDefault(Headers.OriginatingEndpoint) ?? AnalyticsEndpoint.Name,
            WireTime.FromWire(headers.GetValueOrDefault(Headers.TimeSent)) ?? context.Now,
            message.Body);
        using var trace = Continue(headers);
        await streams.Produce(StreamTopics.EventsOf(domain), record, context.CancellationToken);
    }

    /// <summary>The aggregate: the text of the body's first property.</summary>
    public static string? KeyOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName
                && reader.Read() && reader.TokenType is JsonTokenType.String or JsonTokenType.Number
                    ? reader.TokenType == JsonTokenType.String ? reader.GetString() : Encoding.UTF8.GetString(reader.ValueSpan)
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The publisher's trace goes on in Kafka, also when this process exports none.</summary>
    static Activity? Continue(IReadOnlyDictionary<string, string> headers)
    {
        if (Activity.Current is not null || !headers.TryGetValue(Headers.TraceParent, out var parent) || !ActivityContext.TryParse(parent, headers.GetValueOrDefault(Headers.TraceState), out _))
        {
            return null;
        }

        return new Activity("append").SetIdFormat(ActivityIdFormat.W3C).SetParentId(parent).Start();
    }
}
