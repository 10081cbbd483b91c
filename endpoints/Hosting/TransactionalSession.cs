
namespace EdTech.Hosting;

/// <summary>
/// A transaction of the endpoint's database for work that does not arrive as a message (the internal API's synchronous writes): rows and
/// outgoing messages commit together, and a repeat under the same id gives the stored reply instead of doing the work again.
/// </summary>
public interface ITransactionalSession
{
    /// <summary>Runs <paramref name="work"/> in a transaction. What it sends leaves after the commit.</summary>
    /// <returns>What the work replied; the stored reply when <paramref name="messageId"/> was done before; null when it replied nothing.</returns>
    /// <exception cref="RequestHashMismatchException">The id was used before with another <paramref name="requestHash"/>.</exception>
    Task<object?> Run(string messageId, Guid actorId, string? requestHash, Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken);

    /// <summary>As above for work that needs no protection against repeats.</summary>
    Task<object?> Run(Func<IMessageHandlerContext, Task> work, CancellationToken cancellationToken);
}

/// <summary>A message id came again with another content.</summary>
public sealed class RequestHashMismatchException(string messageId)
    : Exception($"Request {messageId} was made before with another content. Use a new idempotency key for another request.");
