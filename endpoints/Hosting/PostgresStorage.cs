using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace EdTech.Hosting;

/// <summary>Inbox, outbox and sagas in the endpoint's own PostgreSQL database, beside what its handlers write there.</summary>
sealed class PostgresStorage(NpgsqlDataSource source, SchemaMigrator migrator, TimeProvider time, ILogger<PostgresStorage> logger) : IEndpointStorage
{
    public Task Prepare(CancellationToken ct) => migrator.Run(ct);

    public async Task Ping(CancellationToken ct)
    {
        await using var command = source.CreateCommand("SELECT 1");
        command.CommandTimeout = 2;
        await command.ExecuteScalarAsync(ct);
    }

    public async Task<IStorageTransaction> Begin(CancellationToken ct) => await BeginHere(ct);

    /// <summary>As <see cref="Begin"/>, for batches.</summary>
    public async Task<PostgresTransaction> BeginHere(CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        try
        {
            return new PostgresTransaction(connection, await connection.BeginTransactionAsync(ct));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Writes inbox rows and outgoing messages and commits, in one round trip. The inbox insert is the guard: it fails on a duplicate
    /// (unique violation of inbox_pkey) and on a transaction that a handler broke and hid (25P02), where a bare COMMIT would pass silently.
    /// </summary>
    public static async Task StoreAndCommit(NpgsqlConnection connection, IReadOnlyList<InboxRow> inbox, IReadOnlyCollection<OutgoingMessage> outgoing, DateTimeOffset now, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(inbox.Count == 1 ? InsertOne(inbox[0], now) : InsertMany(inbox, now));
        if (outgoing.Count > 0)
        {
            batch.BatchCommands.Add(InsertOutbox(outgoing, now));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(ct);
    }

    public async Task<StoredOutcome?> Find(string messageId, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            """
            SELECT handled_at, actor_id, request_hash, reply_type, reply
            FROM messaging.inbox
            WHERE message_id = @message_id
            """);
        command.Parameters.AddWithValue("message_id", messageId);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new StoredOutcome(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.IsDBNull(1) ? null : reader.GetGuid(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4))
            : null;
    }

    /// <summary>Those of the messages that were handled before, for batches.</summary>
    public async Task<HashSet<string>> AlreadyHandled(string[] messageIds, CancellationToken ct)
    {
        await using var command = source.CreateCommand("SELECT message_id FROM messaging.inbox WHERE message_id = ANY(@ids)");
        command.Parameters.AddWithValue("ids", messageIds);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct))
        {
            known.Add(reader.GetString(0));
        }

        return known;
    }

    /// <summary>The delete need not wait for the disk.</summary>
    public async Task Forget(IReadOnlyList<HandlerContext> sent, CancellationToken ct)
    {
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL synchronous_commit = off"));
        var delete = new NpgsqlBatchCommand("DELETE FROM messaging.outbox WHERE outbox_id = ANY(@ids)");
        delete.Parameters.AddWithValue("ids", sent.SelectMany(c => c.Outgoing).Select(m => m.Id).ToArray());
        batch.BatchCommands.Add(delete);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Each row is claimed by one sweeper only.</summary>
    public async Task<int> Sweep(TimeSpan age, int limit, Func<OutgoingMessage, Task> publish, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var select = new NpgsqlCommand(
            """
            SELECT outbox_id, delivery, destination, headers, body, deliver_at
            FROM messaging.outbox
            WHERE created_at < @before
            ORDER BY outbox_id
            LIMIT @limit
            FOR UPDATE SKIP LOCKED
            """, connection, transaction);
        select.Parameters.AddWithValue("before", time.GetUtcNow() - age);
        select.Parameters.AddWithValue("limit", limit);
        var found = new List<OutgoingMessage>();
        await using (var reader = await select.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                found.Add(new OutgoingMessage(
                    reader.GetGuid(0),
                    (Delivery)reader.GetInt16(1),
                    reader.GetString(2),
                    null,
                    reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                    JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(3))!,
                    reader.GetFieldValue<byte[]>(4)));
            }
        }

        var sent = new List<Guid>(found.Count);
        var stuck = new List<Guid>();
        foreach (var message in found)
        {
            // A message that cannot leave (its receiver has no queue yet, its type is another version's) must not keep the others.
            try
            {
                await publish(message);
                sent.Add(message.Id);
            }
            catch (Exception e) when (e is RabbitMQ.Client.Exceptions.PublishException or InvalidOperationException or ArgumentException)
            {
                logger.LogError(e, "Message {MessageId} to {Destination} cannot leave the outbox and is tried again later: {Reason}", message.MessageId, message.Destination, e.Message);
                stuck.Add(message.Id);
            }
        }

        await using var settle = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("DELETE FROM messaging.outbox WHERE outbox_id = ANY($1)") { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. sent] } } },
                // A minute behind the others, so that a pageful of them does not hide what comes after.
                new NpgsqlBatchCommand("UPDATE messaging.outbox SET created_at = $2 WHERE outbox_id = ANY($1)")
                {
                    Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. stuck] }, new NpgsqlParameter<DateTimeOffset> { TypedValue = time.GetUtcNow() + TimeSpan.FromMinutes(1) } },
                },
            },
        };
        await settle.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return sent.Count;
    }

    /// <summary>The ids of both tables are of version 7: they begin with the time at which they were made.</summary>
    public async Task<StorageBacklog> Measure(CancellationToken ct)
    {
        await using var batch = source.CreateBatch();
        var outbox = new NpgsqlBatchCommand(
            """
            SELECT (SELECT count(*) FROM (SELECT FROM messaging.outbox LIMIT @countable) AS counted),
                   (SELECT outbox_id FROM messaging.outbox ORDER BY outbox_id LIMIT 1)
            """);
        outbox.Parameters.AddWithValue("countable", StorageBacklog.Countable);
        batch.BatchCommands.Add(outbox);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            SELECT saga_type, count(*), min(saga_id::text)
            FROM messaging.saga
            GROUP BY saga_type
            """));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var waiting = reader.GetInt64(0);
        DateTimeOffset? oldest = reader.IsDBNull(1) ? null : MadeAt(reader.GetGuid(1));
        await reader.NextResultAsync(ct);
        var sagas = new List<(string, long, DateTimeOffset)>();
        while (await reader.ReadAsync(ct))
        {
            var type = reader.GetString(0);
            sagas.Add((type[(type.LastIndexOf('.') + 1)..], reader.GetInt64(1), MadeAt(Guid.Parse(reader.GetString(2)))));
        }

        return new StorageBacklog(waiting, oldest, sagas);
    }

    /// <summary>A bounded number at a time.</summary>
    public async Task RemoveOld(TimeSpan retention, CancellationToken ct)
    {
        const int Limit = 5_000;
        while (await RemoveOld(retention, Limit, ct) == Limit)
        {
        }
    }

    async Task<int> RemoveOld(TimeSpan retention, int limit, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            """
            DELETE FROM messaging.inbox
            WHERE ctid = ANY(ARRAY(
                SELECT ctid
                FROM messaging.inbox
                WHERE handled_at < @before
                LIMIT @limit))
            """);
        command.Parameters.AddWithValue("before", time.GetUtcNow() - retention);
        command.Parameters.AddWithValue("limit", limit);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public bool IsFailure(Exception e) => e is NpgsqlException;

    public bool IsOutage(Exception e) => e switch
    {
        PostgresException p => p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections,
        NpgsqlException n => n.InnerException is SocketException or IOException,
        ObjectDisposedException or SocketException => false,
        _ => e.InnerException is NpgsqlException inner && IsOutage(inner),
    };

    static NpgsqlBatchCommand InsertOne(InboxRow row, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            """
            INSERT INTO messaging.inbox (message_id, handled_at, actor_id, request_hash, reply_type, reply)
            VALUES ($1, $2, $3, $4, $5, $6)
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = row.MessageId });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(Nullable(row.ActorId, NpgsqlDbType.Uuid));
        command.Parameters.Add(Nullable(row.RequestHash, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(row.ReplyType, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(row.Reply, NpgsqlDbType.Bytea));
        return command;
    }

    static NpgsqlBatchCommand InsertMany(IReadOnlyList<InboxRow> rows, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            """
            INSERT INTO messaging.inbox (message_id, handled_at, actor_id, request_hash, reply_type, reply)
            SELECT i.message_id, $2, i.actor_id, i.request_hash, i.reply_type, i.reply
            FROM unnest($1, $3, $4, $5, $6) AS i (message_id, actor_id, request_hash, reply_type, reply)
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(r => r.MessageId)] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(r => r.ActorId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(r => r.RequestHash).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(r => r.ReplyType).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(r => r.Reply).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        return command;
    }

    static NpgsqlBatchCommand InsertOutbox(IReadOnlyCollection<OutgoingMessage> messages, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            """
            INSERT INTO messaging.outbox (outbox_id, delivery, destination, headers, body, deliver_at, created_at)
            SELECT o.outbox_id, o.delivery, o.destination, o.headers, o.body, o.deliver_at, $7
            FROM unnest($1, $2, $3, $4, $5, $6) AS o (outbox_id, delivery, destination, headers, body, deliver_at)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. messages.Select(m => m.Id)] });
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. messages.Select(m => (short)m.Delivery)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(m => m.Destination)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(m => JsonSerializer.Serialize(m.Headers, HostingJson.Default.DictionaryStringString))] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. messages.Select(m => m.Body)] });
        command.Parameters.Add(new NpgsqlParameter { Value = messages.Select(m => m.DeliverAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        return command;
    }

    static DateTimeOffset MadeAt(Guid version7) => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(version7.ToString("N")[..12], 16));

    static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class HostingJson : System.Text.Json.Serialization.JsonSerializerContext;
