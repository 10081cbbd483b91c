using System.Text.Json;

namespace EdTech.Hosting;

/// <summary>What one message did to one saga, as ServiceControl's saga diagram shows it: its data as JSON, and what it sent meanwhile (commands, events, time-outs and answers).</summary>
sealed record SagaChange(string SagaType, Guid SagaId, bool IsNew, bool IsCompleted, string State, DateTimeOffset Started, DateTimeOffset Finished, IReadOnlyList<SagaChange.Outgoing> Sent)
{
    public sealed record Outgoing(string MessageType, string MessageId, string Intent, string? Destination, DateTime TimeSent, TimeSpan? Delay)
    {
        public static Outgoing Of(OutgoingMessage message)
        {
            var sent = (WireTime.FromWire(message.Headers[Headers.TimeSent]) ?? default).UtcDateTime;
            return new(
                TypeOf(message.Headers) ?? "",
                message.MessageId,
                message.Headers[Headers.MessageIntent],
                message.Delivery == Delivery.ToSubscribers ? null : message.Destination,
                sent,
                WireTime.FromWire(message.Headers.GetValueOrDefault(Headers.DeliverAt)) is { } due ? due.UtcDateTime - sent : null);
        }
    }

    public string Kind => IsCompleted ? "Completed" : IsNew ? "New" : "Updated";

    /// <summary>The message for ServiceControl: its type's name and its body.</summary>
    public (string Type, byte[] Body) Report(IReadOnlyDictionary<string, string> message, HostIdentity host)
        => ("ServiceControl.EndpointPlugin.Messages.SagaState.SagaUpdatedMessage", JsonSerializer.SerializeToUtf8Bytes(new
        {
            SagaState = State,
            SagaId,
            Initiator = new
            {
                InitiatingMessageId = message[Headers.MessageId],
                MessageType = TypeOf(message),
                IsSagaTimeoutMessage = message.ContainsKey(Headers.IsSagaTimeout),
                TimeSent = WireTime.FromWire(message.GetValueOrDefault(Headers.TimeSent))?.UtcDateTime,
                OriginatingMachine = message.GetValueOrDefault(Headers.OriginatingMachine),
                OriginatingEndpoint = message.GetValueOrDefault(Headers.OriginatingEndpoint),
                Intent = message.GetValueOrDefault(Headers.MessageIntent),
            },
            ResultingMessages = Sent.Select(m => new
            {
                m.MessageType,
                m.TimeSent,
                DeliveryAt = (DateTime?)null,
                DeliveryDelay = m.Delay,
                m.Destination,
                ResultingMessageId = m.MessageId,
                m.Intent,
            }),
            host.Endpoint,
            IsNew,
            IsCompleted,
            StartTime = Started.UtcDateTime,
            FinishTime = Finished.UtcDateTime,
            SagaType,
        }));

    static string? TypeOf(IReadOnlyDictionary<string, string> headers)
        => headers.GetValueOrDefault(Headers.EnclosedMessageTypes) is { } enclosed ? enclosed.Split(',', ';')[0] : null;
}
