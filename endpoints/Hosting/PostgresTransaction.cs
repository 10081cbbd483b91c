using Npgsql;

namespace EdTech.Hosting;

/// <summary>A transaction of the endpoint's database.</summary>
sealed class PostgresTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IStorageTransaction
{
    NpgsqlTransaction _transaction = transaction;

    public NpgsqlConnection Db => connection;

    public IDynamoWrites Items => throw new InvalidOperationException("This endpoint keeps its data in PostgreSQL: write through context.Db, or call Worker.OnDynamoDb() where the endpoint is described.");

    public Task<StoredSaga?> FindSaga(string type, string correlation, CancellationToken ct) => PostgresSagas.Find(connection, type, correlation);

    public Task<StoredSaga?> FindSaga(string type, Guid sagaId, CancellationToken ct) => PostgresSagas.FindById(connection, type, sagaId);

    public Task InsertSaga(string type, string correlation, Guid sagaId, string data) => PostgresSagas.Insert(connection, type, correlation, sagaId, data);

    public Task UpdateSaga(string type, StoredSaga saga, string data) => PostgresSagas.Update(connection, type, saga, data);

    public Task DeleteSaga(string type, StoredSaga saga) => PostgresSagas.Delete(connection, type, saga);

    public async Task Undo(CancellationToken ct)
    {
        await _transaction.RollbackAsync(ct);
        await _transaction.DisposeAsync();
        _transaction = await connection.BeginTransactionAsync(ct);
    }

    public async Task Commit(IReadOnlyList<HandlerContext> handled, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            await PostgresStorage.StoreAndCommit(
                connection,
                handled.Count == 1 ? [handled[0].Inbox!] : [.. handled.Select(h => h.Inbox!)],
                handled.Count == 1 ? handled[0].Outgoing : [.. handled.SelectMany(h => h.Outgoing)],
                now,
                ct);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "inbox_pkey" })
        {
            throw new DuplicateMessageException(handled[0].MessageId, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
