
namespace EdTech.Hosting;

/// <summary>
/// A transaction of the endpoint's storage for work that does not arrive as a message (the internal API's synchronous writes): what it writes and
/// sends commits together, and a repeat under the same id gives the stored reply instead of doing the work again. On DynamoDB the work runs again
/// when something it read has changed before it could write, as a handler does.
/// </summary>
public interface ITransactionalSession
{
    /// <summary>Runs <paramref name="work"/> in a transaction. What it sends leaves after the commit.</summary>
    /// <returns>What the work replied; the stored reply when <paramref name="messageId"/> was done before; null when it replied nothing.</returns>
    /// <exception cref="RequestHashMismatchException">The id was used before with another <paramref name="requestHash"/>.</exception>
    Task<object?> Run(string messageId, Guid actorId, string? requestHash, Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken);

    /// <summary>As above for work that needs no protection against repeats, or whose reply must not be stored because it holds a secret.</summary>
    Task<object?> Run(Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken);
}

/// <summary>A message id came again with another content.</summary>
public sealed class RequestHashMismatchException(string messageId)
    : Exception($"Request {messageId} was made before with another content. Use a new idempotency key for another request.");

sealed class TransactionalSession(EndpointRuntime runtime) : ITransactionalSession
{
    readonly MessageProcessor _processor = new(runtime);

    public Task<object?> Run(Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken)
        => Run(Guid.CreateVersion7().ToString(), Guid.Empty, null, keepReply: false, work, cancellationToken);

    public Task<object?> Run(string messageId, Guid actorId, string? requestHash, Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken)
        => Run(messageId, actorId, requestHash, keepReply: true, work, cancellationToken);

    async Task<object?> Run(string messageId, Guid actorId, string? requestHash, bool keepReply, Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Headers.MessageId] = messageId,
            [Headers.Request] = "True",
            [Headers.Actor] = actorId.ToString(),
        };
        if (requestHash is not null)
        {
            headers[Headers.RequestHash] = requestHash;
        }

        for (var conflicts = 1; ; conflicts++)
        {
            var context = new HandlerContext(runtime, headers, runtime.Time.GetUtcNow(), cancellationToken);
            try
            {
                await using var transaction = await runtime.Storage.Begin(cancellationToken);
                context.Transaction = transaction;
                await work(context);
                if (context.Refusal is not null)
                {
                    if (keepReply)
                    {
                        await transaction.Undo(cancellationToken);
                        context.DropForRefusal();
                        context.Inbox = _processor.InboxRowOf(context);
                        await transaction.Commit([context], context.Now, cancellationToken);
                    }

                    return context.Refusal;
                }

                // A reply that nobody may ask for again (tokens, say) is not written down.
                context.Inbox = keepReply ? _processor.InboxRowOf(context) : new InboxRow(messageId, null, null, null, null);
                await transaction.Commit([context], context.Now, cancellationToken);
            }
            catch (StorageConflictException) when (conflicts <= StorageConflictException.Free)
            {
                await StorageConflictException.StepAside(conflicts, cancellationToken);
                continue;
            }
            catch (Exception e) when (e is DuplicateMessageException || (runtime.Storage.IsFailure(e) && !runtime.Storage.IsOutage(e)))
            {
                // A repeat fails on the inbox row, or already on the effect of the first time.
                if (await runtime.Storage.Find(messageId, cancellationToken) is not { } outcome)
                {
                    throw;
                }

                return Repeat(messageId, outcome, requestHash);
            }

            // The commit stands; what cannot leave now is the sweeper's.
            if (context.Outgoing.Count > 0)
            {
                await _processor.PublishAll([context], CancellationToken.None);
            }

            return context.RequestReply;
        }
    }

    object? Repeat(string messageId, StoredOutcome outcome, string? requestHash)
    {
        if (outcome.RequestHash is { } known && requestHash is not null && known != requestHash)
        {
            throw new RequestHashMismatchException(messageId);
        }

        return outcome is { ReplyType: { } replyType, Reply: { } reply } && runtime.Types.Resolve(replyType) is { } type
            ? runtime.Types.Deserialize(reply, type)
            : null;
    }
}
