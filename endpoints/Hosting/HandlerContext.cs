using EdTech.Contracts;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>The context of one message: collects what the handler sends until the transaction has it.</summary>
sealed class HandlerContext(EndpointRuntime runtime, IReadOnlyDictionary<string, string> headers, DateTimeOffset now, CancellationToken ct) : IMessageHandlerContext, ISagaTimeouts
{
    public List<OutgoingMessage> Outgoing { get; } = [];

    public Refused? Refusal { get; private set; }

    /// <summary>The answer to a request; answers to other messages go out with the rest.</summary>
    public object? RequestReply { get; private set; }

    /// <summary>The id under which <see cref="RequestReply"/> leaves.</summary>
    public string ReplyId { get; } = Guid.CreateVersion7(now).ToString();

    public (Guid Id, string Type)? Saga { get; set; }

    /// <summary>What the message did to sagas, for ServiceControl.</summary>
    public List<SagaChange> SagaChanges { get; } = [];

    public bool IsRequest => headers.ContainsKey(Headers.Request);

    public string MessageId => headers[Headers.MessageId];

    public IReadOnlyDictionary<string, string> MessageHeaders => headers;

    public DateTimeOffset Now => now;

    /// <summary>Set once the message's transaction is open.</summary>
    public IStorageTransaction? Transaction { get; set; }

    /// <summary>What the inbox keeps of the message; set before the commit.</summary>
    public InboxRow? Inbox { get; set; }

    /// <summary>The open transaction.</summary>
    public IStorageTransaction Storage => Transaction ?? throw new InvalidOperationException("A handler of outside calls has no transaction: it would stay open while another company answers. Inject NpgsqlDataSource (on DynamoDB: DynamoTable) for reads, or send a message to a handler that writes.");

    public NpgsqlConnection Db => Storage.Db;

    public IDynamoWrites Items => Storage.Items;

    public CancellationToken CancellationToken => ct;

    public Task Send(ICommand command, SendOptions? options = null)
        => Add(command, Delivery.ToAddress, EndpointNames.OwnerOf(command.GetType()), options);

    public Task SendLocal(object message, SendOptions? options = null) => Add(message, Delivery.ToAddress, runtime.Host.Endpoint, options);

    public Task Publish(IEvent @event) => Add(@event, Delivery.ToSubscribers, MessageTypes.ExchangeOf(@event.GetType()), null);

    public Task Reply(object message)
    {
        if (IsRequest)
        {
            RequestReply = message;
            return Task.CompletedTask;
        }

        return headers.TryGetValue(Headers.ReplyToAddress, out var address)
            ? Add(message, Delivery.ToReplyAddress, address, null)
            : Task.CompletedTask; // Sent by a send-only endpoint: nobody to answer.
    }

    public Task Refuse(RefusalKind kind, string code, string message, IReadOnlyDictionary<string, string>? details = null)
    {
        Refusal = new Refused(kind, code, message, details);
        return Task.CompletedTask;
    }

    public Task RequestTimeout(Guid sagaId, Type sagaType, TimeSpan after, object state)
    {
        var message = OutgoingMessage.Create(runtime.Types, runtime.Host, state, Delivery.ToAddress, runtime.Host.Endpoint, headers, now, new SendOptions(after));
        message.Headers[Headers.SagaId] = sagaId.ToString();
        message.Headers[Headers.SagaType] = sagaType.AssemblyQualifiedName!;
        message.Headers[Headers.IsSagaTimeout] = "True";
        return Keep(message);
    }

    public Task ReplyTo(string address, string? correlationId, object message)
    {
        var reply = OutgoingMessage.Create(runtime.Types, runtime.Host, message, Delivery.ToReplyAddress, address, headers, now);
        if (correlationId is not null)
        {
            reply.Headers[Headers.CorrelationId] = correlationId;
        }

        return Keep(reply);
    }

    /// <summary>After a refusal: what was sent is dropped, the refusal is the only answer.</summary>
    public void DropForRefusal()
    {
        Outgoing.Clear();
        SagaChanges.Clear();
        RequestReply = null;
        if (IsRequest)
        {
            RequestReply = Refusal;
        }
        else if (headers.TryGetValue(Headers.ReplyToAddress, out var address))
        {
            Outgoing.Add(OutgoingMessage.Create(runtime.Types, runtime.Host, Refusal!, Delivery.ToReplyAddress, address, headers, now));
        }
    }

    Task Add(object message, Delivery delivery, string destination, SendOptions? options)
        => Keep(OutgoingMessage.Create(runtime.Types, runtime.Host, message, delivery, destination, headers, now, options));

    Task Keep(OutgoingMessage message)
    {
        if (Saga is { } saga)
        {
            message.Headers[Headers.OriginatingSagaId] = saga.Id.ToString();
            message.Headers[Headers.OriginatingSagaType] = saga.Type;
        }

        if (message.Delivery == Delivery.ToReplyAddress)
        {
            if (headers.TryGetValue(Headers.OriginatingSagaId, out var id))
            {
                message.Headers[Headers.SagaId] = id;
            }

            if (headers.TryGetValue(Headers.OriginatingSagaType, out var type))
            {
                message.Headers[Headers.SagaType] = type;
            }
        }

        Outgoing.Add(message);
        return Task.CompletedTask;
    }
}
