using System.Globalization;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>Inbox, outbox and sagas in the endpoint's DynamoDB table, beside the items of its handlers; <see cref="DynamoKeys"/> says under which keys.</summary>
sealed class DynamoStorage(DynamoTable table, DynamoTables tables, Worker worker, TimeProvider time, ILogger<DynamoStorage> logger) : IEndpointStorage
{
    static readonly TimeSpan StuckFor = TimeSpan.FromMinutes(1);

    public Task Prepare(CancellationToken ct) => tables.Prepare(ct);

    public Task Ping(CancellationToken ct) => tables.Ping(ct);

    public Task<IStorageTransaction> Begin(CancellationToken ct) => Task.FromResult<IStorageTransaction>(new DynamoTransaction(table, worker.InboxRetention));

    public async Task<StoredOutcome?> Find(string messageId, CancellationToken ct)
    {
        if (await table.Get(DynamoKeys.InboxPk(messageId), DynamoKeys.InboxSk, ct) is not { } item || IsPast(item, time.GetUtcNow()))
        {
            return null;
        }

        return new StoredOutcome(
            DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(item["handled_at"].N, CultureInfo.InvariantCulture)),
            item.GetValueOrDefault("actor_id")?.S is { } actor ? Guid.Parse(actor) : null,
            item.GetValueOrDefault("request_hash")?.S,
            item.GetValueOrDefault("reply_type")?.S,
            item.GetValueOrDefault("reply")?.B?.ToArray());
    }

    /// <summary>The items are put again without what has left: a bulk of 25 costs one request, where an update each would cost 25.</summary>
    public Task Forget(IReadOnlyList<HandlerContext> sent, CancellationToken ct)
        => table.Write([.. sent.Select(c => new WriteRequest(new PutRequest(InboxItem(c.Inbox!, c.Now, worker.InboxRetention))))], ct);

    /// <summary>
    /// Each item is claimed by a conditional update, so that two sweepers seldom send the same; when one is slower than <paramref name="age"/> they
    /// do, under the same ids, and receivers know those.
    /// </summary>
    public async Task<int> Sweep(TimeSpan age, int limit, Func<OutgoingMessage, Task> publish, CancellationToken ct)
    {
        var sent = 0;
        for (var shard = 0; shard < DynamoKeys.OutboxShards; shard++)
        {
            var due = await table.Client.QueryAsync(
                new QueryRequest
                {
                    TableName = table.Name,
                    IndexName = DynamoKeys.OutboxIndex,
                    KeyConditionExpression = "outbox = :shard AND outbox_at < :before",
                    ExpressionAttributeValues = new() { [":shard"] = new AttributeValue(DynamoKeys.ShardName(shard)), [":before"] = Number(Milliseconds(time.GetUtcNow() - age)) },
                    Limit = limit,
                },
                ct);
            foreach (var key in due.Items ?? [])
            {
                if (await Claim(key, ct) is { } item)
                {
                    sent += await Send(item, publish, ct);
                }
            }
        }

        return sent;
    }

    /// <summary>Sagas have no index: to count them would read the whole table.</summary>
    public async Task<StorageBacklog> Measure(CancellationToken ct)
    {
        long waiting = 0;
        DateTimeOffset? oldest = null;
        for (var shard = 0; shard < DynamoKeys.OutboxShards; shard++)
        {
            var due = await table.Client.QueryAsync(
                new QueryRequest
                {
                    TableName = table.Name,
                    IndexName = DynamoKeys.OutboxIndex,
                    KeyConditionExpression = "outbox = :shard",
                    ExpressionAttributeValues = new() { [":shard"] = new AttributeValue(DynamoKeys.ShardName(shard)) },
                    Limit = StorageBacklog.Countable / DynamoKeys.OutboxShards,
                },
                ct);
            waiting += due.Items?.Count ?? 0;
            if (due.Items is [var first, ..] && DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(first[DynamoKeys.OutboxAt].N, CultureInfo.InvariantCulture)) is var at && !(at >= oldest))
            {
                oldest = at;
            }
        }

        return new StorageBacklog(waiting, oldest, []);
    }

    /// <summary>Expired items are removed by DynamoDB.</summary>
    public Task RemoveOld(TimeSpan retention, CancellationToken ct) => Task.CompletedTask;

    public bool IsFailure(Exception e) => e is DynamoUnavailableException or AmazonDynamoDBException;

    public bool IsOutage(Exception e) => e is DynamoUnavailableException || e.InnerException is DynamoUnavailableException;

    /// <summary>A handled message, without what it sent.</summary>
    public static Dictionary<string, AttributeValue> InboxItem(InboxRow row, DateTimeOffset now, TimeSpan retention)
    {
        var item = DynamoTable.KeyOf(DynamoKeys.InboxPk(row.MessageId), DynamoKeys.InboxSk);
        item["handled_at"] = Number(Milliseconds(now));
        item[DynamoKeys.ExpiresAt] = Number(Seconds(now + retention));
        AddText("actor_id", row.ActorId?.ToString());
        AddText("request_hash", row.RequestHash);
        AddText("reply_type", row.ReplyType);
        if (row.Reply is { } reply)
        {
            item["reply"] = new AttributeValue { B = new MemoryStream(reply, writable: false) };
        }

        return item;

        void AddText(string name, string? value)
        {
            if (value is not null)
            {
                item[name] = new AttributeValue(value);
            }
        }
    }

    /// <summary>Adds what must leave, and the keys of the index by which the sweeper finds it.</summary>
    public static void AddOutgoing(Dictionary<string, AttributeValue> inbox, IReadOnlyCollection<OutgoingMessage> outgoing, DateTimeOffset now)
    {
        if (outgoing.Count == 0)
        {
            return;
        }

        inbox["outgoing"] = new AttributeValue { L = [.. outgoing.Select(ToAttribute)] };
        inbox[DynamoKeys.Outbox] = new AttributeValue(DynamoKeys.ShardOf(inbox[DynamoKeys.Pk].S));
        inbox[DynamoKeys.OutboxAt] = Number(Milliseconds(now));
    }

    public static string Seconds(DateTimeOffset instant) => instant.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    static string Milliseconds(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    static AttributeValue Number(string n) => new() { N = n };

    static bool IsPast(Dictionary<string, AttributeValue> item, DateTimeOffset now)
        => item.GetValueOrDefault(DynamoKeys.ExpiresAt)?.N is { } expires && long.Parse(expires, CultureInfo.InvariantCulture) <= now.ToUnixTimeSeconds();

    async Task<Dictionary<string, AttributeValue>?> Claim(Dictionary<string, AttributeValue> key, CancellationToken ct)
    {
        try
        {
            var claimed = await table.Client.UpdateItemAsync(
                new UpdateItemRequest
                {
                    TableName = table.Name,
                    Key = DynamoTable.KeyOf(key[DynamoKeys.Pk].S, key[DynamoKeys.Sk].S),
                    UpdateExpression = "SET outbox_at = :now",
                    ConditionExpression = "outbox_at = :seen",
                    ExpressionAttributeValues = new() { [":now"] = Number(Milliseconds(time.GetUtcNow())), [":seen"] = key[DynamoKeys.OutboxAt] },
                    ReturnValues = ReturnValue.ALL_NEW,
                },
                ct);
            return claimed.Attributes;
        }
        catch (Exception e) when (e is ConditionalCheckFailedException or TransactionConflictException)
        {
            return null; // It has left by now, or another sweeper has it.
        }
    }

    async Task<int> Send(Dictionary<string, AttributeValue> item, Func<OutgoingMessage, Task> publish, CancellationToken ct)
    {
        var sent = 0;
        var stuck = new List<AttributeValue>();
        foreach (var stored in item["outgoing"].L)
        {
            // A message that cannot leave (its receiver has no queue yet, its type is another version's) must not keep the others.
            var message = FromAttribute(stored);
            try
            {
                await publish(message);
                sent++;
            }
            catch (Exception e) when (e is RabbitMQ.Client.Exceptions.PublishException or InvalidOperationException or ArgumentException)
            {
                logger.LogError(e, "Message {MessageId} to {Destination} cannot leave the outbox and is tried again later: {Reason}", message.MessageId, message.Destination, e.Message);
                stuck.Add(stored);
            }
        }

        var settle = new UpdateItemRequest
        {
            TableName = table.Name,
            Key = DynamoTable.KeyOf(item[DynamoKeys.Pk].S, item[DynamoKeys.Sk].S),
            ConditionExpression = "outbox_at = :claimed",
            ExpressionAttributeValues = new() { [":claimed"] = item[DynamoKeys.OutboxAt] },
            UpdateExpression = "REMOVE outbox, outbox_at, outgoing",
        };
        if (stuck.Count > 0)
        {
            // Behind the others, so that a pageful of them does not hide what comes after; and kept for as long as it is stuck.
            var now = time.GetUtcNow();
            settle.UpdateExpression = "SET outgoing = :stuck, outbox_at = :later, expires_at = :expires";
            settle.ExpressionAttributeValues[":stuck"] = new AttributeValue { L = stuck };
            settle.ExpressionAttributeValues[":later"] = Number(Milliseconds(now + StuckFor));
            settle.ExpressionAttributeValues[":expires"] = Number(Seconds(now + worker.InboxRetention));
        }

        try
        {
            await table.Client.UpdateItemAsync(settle, ct);
        }
        catch (Exception e) when (e is ConditionalCheckFailedException or TransactionConflictException)
        {
            logger.LogDebug("{Message} was sent by another sweeper too, under the same ids.", item[DynamoKeys.Pk].S);
        }

        return sent;
    }

    static AttributeValue ToAttribute(OutgoingMessage message)
    {
        var map = new Dictionary<string, AttributeValue>
        {
            ["id"] = new AttributeValue(message.Id.ToString()),
            ["delivery"] = Number(((int)message.Delivery).ToString(CultureInfo.InvariantCulture)),
            ["destination"] = new AttributeValue(message.Destination),
            ["headers"] = new AttributeValue(JsonSerializer.Serialize(message.Headers, HostingJson.Default.DictionaryStringString)),
            ["body"] = new AttributeValue { B = new MemoryStream(message.Body, writable: false) },
        };
        if (message.DeliverAt is { } due)
        {
            map["deliver_at"] = Number(Milliseconds(due));
        }

        return new AttributeValue { M = map };
    }

    static OutgoingMessage FromAttribute(AttributeValue stored) => new(
        Guid.Parse(stored.M["id"].S),
        (Delivery)int.Parse(stored.M["delivery"].N, CultureInfo.InvariantCulture),
        stored.M["destination"].S,
        null,
        stored.M.GetValueOrDefault("deliver_at")?.N is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(due, CultureInfo.InvariantCulture)) : null,
        JsonSerializer.Deserialize(stored.M["headers"].S, HostingJson.Default.DictionaryStringString)!,
        stored.M["body"].B.ToArray());
}
