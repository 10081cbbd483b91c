using Npgsql;

namespace EdTech.Hosting;

/// <summary>
/// Remembers nothing, for <see cref="Worker.WithoutStorage"/>. What a handler sent goes to the broker, confirmed, before its message counts as handled:
/// a crash in between handles the message again. So every message is handled at least once, and a repeated request is answered by handling it again.
/// </summary>
sealed class NoStorage(Publisher publisher, TimeProvider time, DynamoTables? tables) : IEndpointStorage
{
    public Task Prepare(CancellationToken ct) => tables?.Prepare(ct) ?? Task.CompletedTask;

    public Task Ping(CancellationToken ct) => tables?.Ping(ct) ?? Task.CompletedTask;

    public Task<IStorageTransaction> Begin(CancellationToken ct) => Task.FromResult<IStorageTransaction>(new Transaction(publisher, time));

    public Task<StoredOutcome?> Find(string messageId, CancellationToken ct) => Task.FromResult<StoredOutcome?>(null);

    public Task Forget(IReadOnlyList<HandlerContext> sent, CancellationToken ct) => Task.CompletedTask;

    public Task<int> Sweep(TimeSpan age, int limit, Func<OutgoingMessage, Task> publish, CancellationToken ct) => Task.FromResult(0);

    public Task<StorageBacklog> Measure(CancellationToken ct) => Task.FromResult(StorageBacklog.None);

    public Task RemoveOld(TimeSpan retention, CancellationToken ct) => Task.CompletedTask;

    public bool IsFailure(Exception e) => e is BrokerUnavailableException or DynamoUnavailableException;

    public bool IsOutage(Exception e) => IsFailure(e) || e.InnerException is DynamoUnavailableException;

    sealed class Transaction(Publisher publisher, TimeProvider time) : IStorageTransaction
    {
        public NpgsqlConnection Db => throw Absent();

        public IDynamoWrites Items => throw Absent();

        public Task<StoredSaga?> FindSaga(string type, string correlation, CancellationToken ct) => throw Absent();

        public Task<StoredSaga?> FindSaga(string type, Guid sagaId, CancellationToken ct) => throw Absent();

        public Task InsertSaga(string type, string correlation, Guid sagaId, string data) => throw Absent();

        public Task UpdateSaga(string type, StoredSaga saga, string data) => throw Absent();

        public Task DeleteSaga(string type, StoredSaga saga) => throw Absent();

        public Task Undo(CancellationToken ct) => Task.CompletedTask;

        public async Task Commit(IReadOnlyList<HandlerContext> handled, DateTimeOffset now, CancellationToken ct)
        {
            foreach (var context in handled)
            {
                await Task.WhenAll(context.Outgoing.Select(m => publisher.Publish(m, time.GetUtcNow(), ct)));
                context.Outgoing.Clear();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        static InvalidOperationException Absent() => new("This endpoint was described by Worker.WithoutStorage(): it has neither a database nor sagas.");
    }
}
