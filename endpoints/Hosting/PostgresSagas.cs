using Dapper;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>A saga row was made or changed by someone else since it was read: the message is tried again at once.</summary>
sealed class SagaConflictException(string sagaType, string correlation)
    : Exception($"Saga {sagaType} for {correlation} was changed by another message at the same time.");

static class PostgresSagas
{
    /// <summary>Locks the row, so that messages of one hot saga queue up instead of failing each other.</summary>
    public static Task<StoredSaga?> Find(NpgsqlConnection db, string sagaType, string correlation)
        => db.QuerySingleOrDefaultAsync<StoredSaga>(
            """
            SELECT saga_id, correlation, data::text AS data, version
            FROM messaging.saga
            WHERE saga_type = @sagaType AND correlation = @correlation
            FOR UPDATE
            """, new { sagaType, correlation });

    public static Task<StoredSaga?> FindById(NpgsqlConnection db, string sagaType, Guid sagaId)
        => db.QuerySingleOrDefaultAsync<StoredSaga>(
            """
            SELECT saga_id, correlation, data::text AS data, version
            FROM messaging.saga
            WHERE saga_id = @sagaId AND saga_type = @sagaType
            FOR UPDATE
            """, new { sagaType, sagaId });

    public static async Task Insert(NpgsqlConnection db, string sagaType, string correlation, Guid sagaId, string data)
    {
        var inserted = await db.ExecuteAsync(
            """
            INSERT INTO messaging.saga (saga_id, saga_type, correlation, data, version)
            VALUES (@sagaId, @sagaType, @correlation, @data::jsonb, 1)
            ON CONFLICT ON CONSTRAINT saga_pkey DO NOTHING
            """, new { sagaId, sagaType, correlation, data });
        if (inserted == 0)
        {
            throw new SagaConflictException(sagaType, correlation);
        }
    }

    public static async Task Update(NpgsqlConnection db, string sagaType, StoredSaga saga, string data)
    {
        var updated = await db.ExecuteAsync(
            """
            UPDATE messaging.saga
            SET data = @data::jsonb, version = version + 1
            WHERE saga_type = @sagaType AND correlation = @Correlation AND version = @Version
            """, new { sagaType, saga.Correlation, saga.Version, data });
        if (updated == 0)
        {
            throw new SagaConflictException(sagaType, saga.Correlation);
        }
    }

    public static Task Delete(NpgsqlConnection db, string sagaType, StoredSaga saga)
        => db.ExecuteAsync("DELETE FROM messaging.saga WHERE saga_type = @sagaType AND correlation = @Correlation", new { sagaType, saga.Correlation });

    /// <summary>Locks the rows of a whole batch in key order before its first handler runs: batches that share hot sagas would deadlock otherwise.</summary>
    public static Task LockInOrder(NpgsqlConnection db, IEnumerable<(string Type, string Correlation)> keys)
    {
        var ordered = keys.Distinct().OrderBy(k => k.Type, StringComparer.Ordinal).ThenBy(k => k.Correlation, StringComparer.Ordinal).ToArray();
        return ordered.Length == 0
            ? Task.CompletedTask
            : db.ExecuteAsync(
                """
                SELECT count(s.saga_id)
                FROM unnest(@types, @correlations) AS k (saga_type, correlation)
                CROSS JOIN LATERAL (
                    SELECT saga_id
                    FROM messaging.saga
                    WHERE saga_type = k.saga_type AND correlation = k.correlation
                    FOR UPDATE) AS s
                """, new { types = ordered.Select(k => k.Type).ToArray(), correlations = ordered.Select(k => k.Correlation).ToArray() });
    }
}
