using Npgsql;

namespace EdTech.Hosting;

/// <summary>Where an endpoint keeps its inbox, outbox and sagas: PostgreSQL, DynamoDB or nowhere.</summary>
interface IEndpointStorage
{
    /// <summary>Waits for the server and makes what is missing (database, tables). Safe to run from several instances at once.</summary>
    Task Prepare(CancellationToken ct);

    /// <summary>Done when the storage answers.</summary>
    Task Ping(CancellationToken ct);

    Task<IStorageTransaction> Begin(CancellationToken ct);

    /// <summary>What is kept of a handled message; null when it was not handled or is forgotten.</summary>
    Task<StoredOutcome?> Find(string messageId, CancellationToken ct);

    /// <summary>Forgets what these messages sent: the broker has confirmed all of it. Losing this in a crash only repeats a message under its old id.</summary>
    Task Forget(IReadOnlyList<HandlerContext> sent, CancellationToken ct);

    /// <summary>Sends what a crash left behind for longer than <paramref name="age"/>. Returns how many messages it sent; fewer than the limit means that no more wait.</summary>
    Task<int> Sweep(TimeSpan age, int limit, Func<OutgoingMessage, Task> publish, CancellationToken ct);

    /// <summary>What waits in it, for operators.</summary>
    Task<StorageBacklog> Measure(CancellationToken ct);

    /// <summary>Removes what is past its retention.</summary>
    Task RemoveOld(TimeSpan retention, CancellationToken ct);

    /// <summary>Whether the storage itself threw this, and not the handler.</summary>
    bool IsFailure(Exception e);

    /// <summary>The storage is away, starting, shutting down or overloaded: no fault of the message.</summary>
    bool IsOutage(Exception e);
}

/// <summary>What a message does to the storage, all of it or nothing. Disposing it without a commit undoes it.</summary>
interface IStorageTransaction : IAsyncDisposable
{
    NpgsqlConnection Db { get; }

    IDynamoWrites Items { get; }

    Task<StoredSaga?> FindSaga(string type, string correlation, CancellationToken ct);

    Task<StoredSaga?> FindSaga(string type, Guid sagaId, CancellationToken ct);

    Task InsertSaga(string type, string correlation, Guid sagaId, string data);

    Task UpdateSaga(string type, StoredSaga saga, string data);

    Task DeleteSaga(string type, StoredSaga saga);

    /// <summary>Undoes everything so far and begins anew.</summary>
    Task Undo(CancellationToken ct);

    /// <summary>Writes the inbox rows and what the messages sent, and commits.</summary>
    /// <exception cref="DuplicateMessageException">One of the messages was handled before.</exception>
    /// <exception cref="StorageConflictException">Something changed since it was read: the handler has to run again.</exception>
    Task Commit(IReadOnlyList<HandlerContext> handled, DateTimeOffset now, CancellationToken ct);
}

/// <summary>How much an outbox holds (counted to 10,000) and since when, and which sagas are open.</summary>
sealed record StorageBacklog(long Outbox, DateTimeOffset? OldestOutbox, IReadOnlyList<(string Type, long Open, DateTimeOffset Oldest)> Sagas)
{
    public const int Countable = 10_000;

    public static readonly StorageBacklog None = new(0, null, []);
}

/// <summary>What is stored of a request that was handled.</summary>
sealed record StoredOutcome(DateTimeOffset HandledAt, Guid? ActorId, string? RequestHash, string? ReplyType, byte[]? Reply);

/// <summary>One handled message on its way into the inbox.</summary>
sealed record InboxRow(string MessageId, Guid? ActorId, string? RequestHash, string? ReplyType, byte[]? Reply);

/// <summary>A saga as it was read.</summary>
sealed record StoredSaga(Guid SagaId, string Correlation, string Data, int Version);

sealed class DuplicateMessageException(string messageId, Exception? inner = null) : Exception($"Message {messageId} was handled before.", inner);

/// <summary>What a message read was changed by someone else before it could write: it is handled again at once.</summary>
sealed class StorageConflictException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>So many in a row cost a message nothing; a condition that never holds must come to an end.</summary>
    public const int Free = 40;

    /// <summary>The first is repeated at once, the later ones step out of each other's way.</summary>
    public static Task StepAside(int conflicts, CancellationToken ct)
        => conflicts < 2 ? Task.CompletedTask : Task.Delay(Random.Shared.Next(1, Math.Min(100, 5 * conflicts)), ct);
}
