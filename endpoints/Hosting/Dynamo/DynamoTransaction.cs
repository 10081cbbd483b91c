using Amazon.DynamoDBv2.Model;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>Collects what a message writes; one TransactWriteItems writes it with the inbox item, which holds what the message sent.</summary>
sealed class DynamoTransaction(DynamoTable table, TimeSpan inboxRetention) : IStorageTransaction, IDynamoWrites
{
    // DynamoDB Local's bound. The service allows 100, but what runs there must run here.
    const int MaxItems = 10;

    // What DynamoDB tells of a cancelled transaction, per item.
    const string ConditionFailed = "ConditionalCheckFailed";
    const string TransactionConflict = "TransactionConflict";

    readonly List<(TransactWriteItem Item, string What)> _writes = [];
    readonly HashSet<(string Pk, string Sk)> _keys = [];

    public NpgsqlConnection Db => throw new InvalidOperationException("This endpoint keeps its data in DynamoDB: write through context.Items.");

    public IDynamoWrites Items => this;

    public DynamoTable Table => table;

    public void Add(TransactWriteItem item)
    {
        var (what, key) = item switch
        {
            { Put: { } put } => ("put", put.Item),
            { Update: { } update } => ("update", update.Key),
            { Delete: { } delete } => ("delete", delete.Key),
            { ConditionCheck: { } check } => ("check", check.Key),
            _ => throw new ArgumentException("The item has neither a Put nor an Update, a Delete or a ConditionCheck.", nameof(item)),
        };
        var (pk, sk) = (TextOf(key, DynamoKeys.Pk), TextOf(key, DynamoKeys.Sk));
        if (!_keys.Add((pk, sk)))
        {
            throw new UnrecoverableException($"Item {pk} / {sk} is written twice by one message, which DynamoDB does not allow in a transaction: make one write of them.");
        }

        switch (item)
        {
            case { Put: { } put }: put.TableName = table.Name; break;
            case { Update: { } update }: update.TableName = table.Name; break;
            case { Delete: { } delete }: delete.TableName = table.Name; break;
            case { ConditionCheck: { } check }: check.TableName = table.Name; break;
        }

        _writes.Add((item, $"{what} of {pk} / {sk}"));
    }

    public void Put(Dictionary<string, AttributeValue> item, string? condition = null, Dictionary<string, AttributeValue>? values = null)
        => Add(new TransactWriteItem { Put = new Put { Item = item, ConditionExpression = condition, ExpressionAttributeValues = values } });

    public void Update(string pk, string sk, string update, string? condition = null, Dictionary<string, AttributeValue>? values = null, Dictionary<string, string>? names = null)
        => Add(new TransactWriteItem
        {
            Update = new Update { Key = DynamoTable.KeyOf(pk, sk), UpdateExpression = update, ConditionExpression = condition, ExpressionAttributeValues = values, ExpressionAttributeNames = names },
        });

    public void Delete(string pk, string sk, string? condition = null, Dictionary<string, AttributeValue>? values = null)
        => Add(new TransactWriteItem { Delete = new Delete { Key = DynamoTable.KeyOf(pk, sk), ConditionExpression = condition, ExpressionAttributeValues = values } });

    public async Task<StoredSaga?> FindSaga(string type, string correlation, CancellationToken ct)
        => await table.Get(DynamoKeys.SagaPk(type, correlation), DynamoKeys.SagaSk, ct) is { } item
            ? new StoredSaga(Guid.Parse(item["saga_id"].S), item["correlation"].S, item["data"].S, int.Parse(item["version"].N, System.Globalization.CultureInfo.InvariantCulture))
            : null;

    /// <summary>A saga of the same correlation that began after this one was completed is another one.</summary>
    public async Task<StoredSaga?> FindSaga(string type, Guid sagaId, CancellationToken ct)
        => await table.Get(DynamoKeys.SagaIdPk(sagaId), DynamoKeys.SagaSk, ct) is { } pointer
            && await FindSaga(type, pointer["correlation"].S, ct) is { } saga && saga.SagaId == sagaId
            ? saga
            : null;

    public Task InsertSaga(string type, string correlation, Guid sagaId, string data)
    {
        var item = DynamoTable.KeyOf(DynamoKeys.SagaPk(type, correlation), DynamoKeys.SagaSk);
        item["saga_id"] = new AttributeValue(sagaId.ToString());
        item["correlation"] = new AttributeValue(correlation);
        item["data"] = new AttributeValue(data);
        item["version"] = new AttributeValue { N = "1" };
        Put(item, "attribute_not_exists(pk)");

        var pointer = DynamoTable.KeyOf(DynamoKeys.SagaIdPk(sagaId), DynamoKeys.SagaSk);
        pointer["correlation"] = new AttributeValue(correlation);
        Put(pointer);
        return Task.CompletedTask;
    }

    public Task UpdateSaga(string type, StoredSaga saga, string data)
    {
        Update(
            DynamoKeys.SagaPk(type, saga.Correlation),
            DynamoKeys.SagaSk,
            "SET #data = :data, #version = #version + :one",
            "saga_id = :id AND #version = :read",
            new() { [":data"] = new AttributeValue(data), [":one"] = new AttributeValue { N = "1" }, [":id"] = new AttributeValue(saga.SagaId.ToString()), [":read"] = VersionOf(saga) },
            new() { ["#data"] = "data", ["#version"] = "version" });
        return Task.CompletedTask;
    }

    public Task DeleteSaga(string type, StoredSaga saga)
    {
        Add(new TransactWriteItem
        {
            Delete = new Delete
            {
                Key = DynamoTable.KeyOf(DynamoKeys.SagaPk(type, saga.Correlation), DynamoKeys.SagaSk),
                ConditionExpression = "saga_id = :id AND #version = :read",
                ExpressionAttributeValues = new() { [":id"] = new AttributeValue(saga.SagaId.ToString()), [":read"] = VersionOf(saga) },
                ExpressionAttributeNames = new() { ["#version"] = "version" },
            },
        });
        Delete(DynamoKeys.SagaIdPk(saga.SagaId), DynamoKeys.SagaSk);
        return Task.CompletedTask;
    }

    public Task Undo(CancellationToken ct)
    {
        _writes.Clear();
        _keys.Clear();
        return Task.CompletedTask;
    }

    public async Task Commit(IReadOnlyList<HandlerContext> handled, DateTimeOffset now, CancellationToken ct)
    {
        var context = handled[0]; // One alone: only PostgreSQL commits several messages together.
        if (_writes.Count + 1 > MaxItems)
        {
            throw new UnrecoverableException($"Message {context.MessageId} writes {_writes.Count + 1} items ({string.Join(", ", _writes.Select(w => w.What))}, and its inbox item), but a transaction takes {MaxItems}. Write fewer, or send messages that write the rest.");
        }

        var inbox = DynamoStorage.InboxItem(context.Inbox!, now, inboxRetention);
        DynamoStorage.AddOutgoing(inbox, context.Outgoing, now);

        // What is past its retention does not count, though it may still be there; but what it has not sent yet must not be lost.
        const string NotHandled = "attribute_not_exists(pk) OR (expires_at <= :now AND attribute_not_exists(outbox))";
        Dictionary<string, AttributeValue> values = new() { [":now"] = new AttributeValue { N = DynamoStorage.Seconds(now) } };
        try
        {
            if (_writes.Count == 0)
            {
                await table.Client.PutItemAsync(new PutItemRequest { TableName = table.Name, Item = inbox, ConditionExpression = NotHandled, ExpressionAttributeValues = values }, ct);
                return;
            }

            await table.Client.TransactWriteItemsAsync(
                new TransactWriteItemsRequest
                {
                    ClientRequestToken = Guid.NewGuid().ToString(), // The client's own retries keep it, so one that was done already is not done again.
                    TransactItems = [new TransactWriteItem { Put = new Put { TableName = table.Name, Item = inbox, ConditionExpression = NotHandled, ExpressionAttributeValues = values } }, .. _writes.Select(w => w.Item)],
                },
                ct);
        }
        catch (ConditionalCheckFailedException e)
        {
            throw new DuplicateMessageException(context.MessageId, e);
        }
        catch (TransactionConflictException e)
        {
            throw new StorageConflictException($"Message {context.MessageId} is being handled elsewhere at this moment.", e);
        }
        catch (TransactionCanceledException e)
        {
            throw Translate(e, context.MessageId, _writes.Select(w => w.What)) ?? e;
        }
    }

    /// <summary>The first reason is the inbox item's, the others are the handler's writes', in their order.</summary>
    internal static Exception? Translate(TransactionCanceledException e, string messageId, IEnumerable<string> writes)
    {
        var reasons = e.CancellationReasons?.Select(r => r.Code ?? "").ToArray() ?? [];
        if (reasons is [ConditionFailed, ..])
        {
            return new DuplicateMessageException(messageId, e);
        }

        var changed = reasons.Skip(1).Zip(writes).Where(r => r.First is ConditionFailed or TransactionConflict).Select(r => $"{r.Second} ({r.First})").ToArray();
        if (changed.Length > 0 || reasons.Contains(TransactionConflict))
        {
            return new StorageConflictException($"Message {messageId} could not write what it had decided on: {string.Join(", ", changed)}. Something has changed since it read, or the condition can never hold.", e);
        }

        return reasons.Any(r => r is "ThrottlingError" or "ProvisionedThroughputExceeded" or "RequestLimitExceeded")
            ? new DynamoUnavailableException($"DynamoDB is too busy for message {messageId}: {string.Join(", ", reasons)}.", e)
            : null;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    static AttributeValue VersionOf(StoredSaga saga) => new() { N = saga.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    static string TextOf(Dictionary<string, AttributeValue>? key, string name)
        => key?.GetValueOrDefault(name)?.S is { Length: > 0 } text ? text : throw new ArgumentException($"The item has no {name}.", nameof(key));
}
