using EdTech.Contracts;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>
/// Handles messages of one type inside the endpoint's transaction: what it writes through <see cref="IMessageHandlerContext.Db"/>,
/// what it sends and the record that the message was handled take effect together or not at all.
/// </summary>
public interface IHandleMessages<in T>
{
    /// <summary>Handles one message. Throwing undoes everything and has the message tried again.</summary>
    Task Handle(T message, IMessageHandlerContext context);
}

/// <summary>
/// Handles messages of one type outside any transaction, for a call to another company (mail, payment provider). The transaction opens
/// after it returns and holds only what it sent. A crash in between repeats the call, so the call must carry an idempotency key of its own.
/// </summary>
public interface IHandleOutsideCalls<in T>
{
    /// <summary>Makes the call. <see cref="IMessageHandlerContext.Db"/> is not to be had here; use the injected data source for reads.</summary>
    Task Handle(T message, IMessageHandlerContext context);
}

/// <summary>What a handler may do: the only way out of it is this context, so nothing can leave before the transaction commits.</summary>
public interface IMessageHandlerContext
{
    /// <summary>Logical message id: the same for every delivery and retry of the message.</summary>
    string MessageId { get; }

    /// <summary>All headers of the message (<see cref="Headers"/>).</summary>
    IReadOnlyDictionary<string, string> MessageHeaders { get; }

    /// <summary>The time of handling, UTC. Handlers take time from here and nowhere else.</summary>
    DateTimeOffset Now { get; }

    /// <summary>The endpoint's database, inside the message's transaction.</summary>
    NpgsqlConnection Db { get; }

    /// <summary>What this message writes to the endpoint's DynamoDB table, for endpoints on DynamoDB (<see cref="Worker.OnDynamoDb"/>).</summary>
    IDynamoWrites Items { get; }

    /// <summary>Cancelled when the endpoint has to stop without waiting any longer.</summary>
    CancellationToken CancellationToken { get; }

    /// <summary>Sends a command to the endpoint that owns it.</summary>
    Task Send(ICommand command, SendOptions? options = null);

    /// <summary>Sends a message to this endpoint.</summary>
    Task SendLocal(object message, SendOptions? options = null);

    /// <summary>Publishes an event to all its subscribers.</summary>
    Task Publish(IEvent @event);

    /// <summary>Answers whoever sent the message. A request's answer is kept, and given again when the request is repeated.</summary>
    Task Reply(object message);

    /// <summary>
    /// Answers that the command is refused, undoes whatever the handler has written and drops whatever it has sent. The handler returns afterwards.
    /// </summary>
    Task Refuse(RefusalKind kind, string code, string message, IReadOnlyDictionary<string, string>? details = null);
}

/// <summary>How a message is sent.</summary>
/// <param name="Delay">Deliver not before this much time has passed. At most 2^28 - 1 seconds (8.5 years); fractions round up to a second.</param>
/// <param name="MessageId">The logical message id, when the sender wants a repeat to be recognised; otherwise a new UUIDv7.</param>
public sealed record SendOptions(TimeSpan? Delay = null, string? MessageId = null);
