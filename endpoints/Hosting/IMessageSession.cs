using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>Sends from outside a handler, straight to the broker and confirmed by it.</summary>
public interface IMessageSession
{
    /// <summary>Sends a command to the endpoint that owns it; done when the broker has confirmed it.</summary>
    Task Send(ICommand command, SendOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes an event; done when the broker has confirmed it.</summary>
    Task Publish(IEvent @event, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a command and waits for its reply. Repeating it with the same <see cref="RequestOptions.MessageId"/> does not repeat its effect:
    /// the endpoint gives the same reply again.
    /// </summary>
    /// <returns>The reply (<see cref="Done"/>, <see cref="Refused"/> or another record), or null when none came in time. The command is then still under way.</returns>
    /// <exception cref="BrokerUnavailableException">The broker did not take the command within the time-out.</exception>
    Task<object?> Request(ICommand command, RequestOptions options, CancellationToken cancellationToken = default);
}

/// <summary>How a request is made.</summary>
/// <param name="MessageId">The logical message id, derived from the caller and its idempotency key where it gave one.</param>
/// <param name="Timeout">How long to wait for the reply; zero to return once the broker has confirmed the command.</param>
/// <param name="ActorId">Who asks; only the same actor can later ask for the outcome.</param>
/// <param name="RequestHash">Hash of the request's content. A repeat under the same id with another hash is refused with <c>idempotency.key_reused</c>.</param>
/// <param name="Settled">
/// Called once: when the reply is there (also after the time-out), when the broker has not taken the command, or when no reply has come 10 s after the
/// time-out. Until then the command may be waiting in its endpoint's queue.
/// </param>
public sealed record RequestOptions(string MessageId, TimeSpan Timeout, Guid ActorId, string? RequestHash = null, Action? Settled = null);

/// <summary>The broker could not be reached or did not confirm in time. Nothing is known to have been sent.</summary>
public sealed class BrokerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
