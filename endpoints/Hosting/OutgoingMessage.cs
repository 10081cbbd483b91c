using System.Diagnostics;
using EdTech.Contracts;
using Microsoft.Extensions.Configuration;

namespace EdTech.Hosting;

enum Delivery : short
{
    /// <summary>To the exchange of an address; returned when nobody listens there.</summary>
    ToAddress = 0,

    /// <summary>To the exchange of an event type; dropped when nobody subscribed.</summary>
    ToSubscribers = 1,

    /// <summary>To an address that may be gone by now, such as a gateway's reply queue.</summary>
    ToReplyAddress = 2,
}

/// <summary>A message as it will leave: what the outbox stores and the publisher sends.</summary>
sealed record OutgoingMessage(Guid Id, Delivery Delivery, string Destination, Type? EventType, DateTimeOffset? DeliverAt, Dictionary<string, string> Headers, byte[] Body)
{
    public static readonly string Machine = Environment.MachineName;

    // The version of the wire format that we speak, not a claim to be that library.
    public const string WireVersion = "10.2.8";

    public string MessageId => Headers[Hosting.Headers.MessageId];

    public static OutgoingMessage Create(
        MessageTypes types,
        HostIdentity host,
        object message,
        Delivery delivery,
        string destination,
        IReadOnlyDictionary<string, string>? incoming,
        DateTimeOffset now,
        SendOptions? options = null)
    {
        var id = Guid.CreateVersion7(now);
        var messageId = options?.MessageId ?? id.ToString();
        var type = message.GetType();
        var headers = new Dictionary<string, string>(20, StringComparer.Ordinal)
        {
            [Hosting.Headers.MessageId] = messageId,
            [Hosting.Headers.MessageIntent] = delivery switch { Delivery.ToAddress => "Send", Delivery.ToSubscribers => "Publish", _ => "Reply" },
            [Hosting.Headers.ConversationId] = incoming?.GetValueOrDefault(Hosting.Headers.ConversationId) ?? Guid.CreateVersion7(now).ToString(),
            [Hosting.Headers.CorrelationId] = incoming is null
                ? messageId
                : incoming.GetValueOrDefault(Hosting.Headers.CorrelationId) ?? incoming[Hosting.Headers.MessageId],
            [Hosting.Headers.ReplyToAddress] = host.Address,
            [Hosting.Headers.OriginatingMachine] = Machine,
            [Hosting.Headers.OriginatingEndpoint] = host.Endpoint,
            [Hosting.Headers.OriginatingHostId] = host.HostIdN,
            [Hosting.Headers.ContentType] = "application/json",
            [Hosting.Headers.EnclosedMessageTypes] = MessageTypes.EnclosedTypesOf(type),
            [Hosting.Headers.Version] = WireVersion,
            [Hosting.Headers.TimeSent] = WireTime.ToWire(now),
        };
        if (incoming is not null)
        {
            headers[Hosting.Headers.RelatedTo] = incoming[Hosting.Headers.MessageId];
        }

        if (delivery != Delivery.ToReplyAddress)
        {
            headers[Hosting.Headers.StartNewTrace] = delivery == Delivery.ToSubscribers ? "True" : "False";
        }

        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            headers[Hosting.Headers.TraceParent] = activity.Id!;
            if (activity.TraceStateString is { Length: > 0 } state)
            {
                headers[Hosting.Headers.TraceState] = state;
            }
        }

        DateTimeOffset? deliverAt = options?.Delay is { } delay && delay > TimeSpan.Zero ? now + delay : null;
        if (deliverAt is { } due)
        {
            _ = DelayLevels.SecondsOf(due - now); // Refused where it is asked for, not when the message is stored and must leave.
            headers[Hosting.Headers.DeliverAt] = WireTime.ToWire(due);
        }

        return new(id, delivery, destination, delivery == Delivery.ToSubscribers ? type : null, deliverAt, headers, types.Serialize(message));
    }
}

/// <summary>Who this program is in message headers.</summary>
/// <param name="Endpoint">Logical name.</param>
/// <param name="Address">Queue that replies go to: the name, or one instance's own queue.</param>
/// <param name="HostId">Stable per instance, also over restarts.</param>
/// <param name="DisplayName">What people read.</param>
sealed record HostIdentity(string Endpoint, string Address, Guid HostId, string DisplayName)
{
    public string HostIdN { get; } = HostId.ToString("N");

    /// <summary>
    /// Made of <c>EDTECH_INSTANCE</c> where it is set: a container that is replaced has another machine name, and two instances on one machine have the
    /// same. Else of the program's path and the machine's name.
    /// </summary>
    public static HostIdentity Of(string endpoint, string address, IConfiguration configuration)
    {
        var instance = configuration["EDTECH_INSTANCE"] is { Length: > 0 } named ? named : null;
        var text = System.Text.Encoding.UTF8.GetBytes(instance is null ? $"{Environment.ProcessPath} {address}{OutgoingMessage.Machine}" : $"{endpoint} {instance}");
        return new(endpoint, address, new Guid(System.Security.Cryptography.SHA256.HashData(text).AsSpan(0, 16)), instance ?? OutgoingMessage.Machine);
    }
}
