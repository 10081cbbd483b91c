using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EdTech.Hosting;

/// <summary>A delivery, copied out of the client's buffer, with its headers as text. Its tag means nothing on another channel than its own.</summary>
sealed record IncomingMessage(IChannel? Channel, ulong DeliveryTag, bool Redelivered, Dictionary<string, string> Headers, byte[] Body, DateTimeOffset ReceivedAt)
{
    public string MessageId => Headers[Hosting.Headers.MessageId];

    /// <summary>Headers that the transport adds on the way; they say nothing about the message.</summary>
    static readonly HashSet<string> TransportHeaders = new(StringComparer.Ordinal)
    {
        Hosting.Headers.DelayInSeconds, Hosting.Headers.ConfirmationId, "x-death", "x-first-death-exchange", "x-first-death-queue",
        "x-first-death-reason", "x-delivery-count", "x-dotnet-pub-seq-no", "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason",
    };

    public static IncomingMessage From(BasicDeliverEventArgs delivery, DateTimeOffset now, IChannel? channel = null)
    {
        var properties = delivery.BasicProperties;
        var headers = new Dictionary<string, string>((properties.Headers?.Count ?? 0) + 5, StringComparer.Ordinal);
        foreach (var (key, value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            if (value is not null && !TransportHeaders.Contains(key))
            {
                headers[key] = TextOf(value);
            }
        }

        Take(properties.IsReplyToPresent(), properties.ReplyTo, Hosting.Headers.ReplyToAddress);
        Take(properties.IsCorrelationIdPresent(), properties.CorrelationId, Hosting.Headers.CorrelationId);
        Take(properties.IsContentTypePresent(), properties.ContentType, Hosting.Headers.ContentType);
        if (properties.IsTypePresent() && properties.Type is { Length: > 0 } type)
        {
            headers.TryAdd(Hosting.Headers.EnclosedMessageTypes, type);
        }

        if (properties.IsDeliveryModePresent() && properties.DeliveryMode == DeliveryModes.Transient)
        {
            headers[Hosting.Headers.NonPersistent] = "True";
        }

        // The header wins: a retry from ServicePulse travels under another message_id.
        if (!headers.TryGetValue(Hosting.Headers.MessageId, out var id) || id.Length == 0)
        {
            headers[Hosting.Headers.MessageId] = properties.MessageId ?? "";
        }

        return new(channel, delivery.DeliveryTag, delivery.Redelivered, headers, delivery.Body.ToArray(), now);

        void Take(bool present, string? value, string header)
        {
            if (present && value is not null)
            {
                headers[header] = value;
            }
        }
    }

    static string TextOf(object value) => value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        AmqpTimestamp timestamp => WireTime.ToWire(DateTimeOffset.FromUnixTimeSeconds(timestamp.UnixTime)),
        IDictionary<string, object?> table => string.Join(',', table.Select(e => $"{e.Key}={(e.Value is null ? "" : TextOf(e.Value))}")),
        IList<object?> list => string.Join(';', list.Select(e => e is null ? "" : TextOf(e))),
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
