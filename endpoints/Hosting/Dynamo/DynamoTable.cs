using System.Collections.Concurrent;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace EdTech.Hosting;

/// <summary>
/// The endpoint's one DynamoDB table (<c>edtech_communication</c>), keys <c>pk</c> and <c>sk</c>. Reads are strongly consistent unless said otherwise.
/// An item with <c>expires_at</c> (seconds since 1970) is removed some time after that; readers must not rely on when.
/// </summary>
public sealed class DynamoTable(IAmazonDynamoDB client, string name)
{
    /// <summary>The table's full name.</summary>
    public string Name => name;

    /// <summary>The SDK's client, for what has no short form here.</summary>
    public IAmazonDynamoDB Client => client;

    /// <summary>One item, or null.</summary>
    public async Task<Dictionary<string, AttributeValue>?> Get(string pk, string sk, CancellationToken cancellationToken)
    {
        var response = await client.GetItemAsync(new GetItemRequest { TableName = name, Key = KeyOf(pk, sk), ConsistentRead = true }, cancellationToken);
        return response.Item is { Count: > 0 } item ? item : null;
    }

    /// <summary>Those of the items that exist, in no order; any number of keys, in requests of 100 each.</summary>
    /// <exception cref="DynamoUnavailableException">The table was too busy to give all of them.</exception>
    public async Task<List<Dictionary<string, AttributeValue>>> GetMany(IReadOnlyCollection<(string Pk, string Sk)> keys, CancellationToken cancellationToken, string? projection = null)
    {
        var found = new ConcurrentBag<Dictionary<string, AttributeValue>>();
        await InParallel(keys.Distinct().Chunk(100), async (chunk, ct) =>
        {
            var left = new KeysAndAttributes { Keys = [.. chunk.Select(k => KeyOf(k.Pk, k.Sk))], ConsistentRead = true, ProjectionExpression = projection };
            for (var attempt = 1; left is { Keys.Count: > 0 }; attempt++)
            {
                await Pause(attempt, ct);
                var response = await client.BatchGetItemAsync(new BatchGetItemRequest { RequestItems = new() { [name] = left } }, ct);
                foreach (var item in response.Responses?.GetValueOrDefault(name) ?? [])
                {
                    found.Add(item);
                }

                left = response.UnprocessedKeys?.GetValueOrDefault(name);
            }
        }, cancellationToken);
        return [.. found];
    }

    /// <summary>Items of one partition key between two sort keys (both included), at most <paramref name="limit"/>; follows pages until it has them.</summary>
    public async Task<List<Dictionary<string, AttributeValue>>> Query(string pk, string fromSk, string toSk, int limit, bool newestFirst, CancellationToken cancellationToken)
    {
        var found = new List<Dictionary<string, AttributeValue>>();
        Dictionary<string, AttributeValue>? after = null;
        while (found.Count < limit)
        {
            var page = await client.QueryAsync(
                new QueryRequest
                {
                    TableName = name,
                    KeyConditionExpression = "pk = :pk AND sk BETWEEN :from AND :to",
                    ExpressionAttributeValues = new() { [":pk"] = new AttributeValue(pk), [":from"] = new AttributeValue(fromSk), [":to"] = new AttributeValue(toSk) },
                    Limit = limit - found.Count,
                    ScanIndexForward = !newestFirst,
                    ConsistentRead = true,
                    ExclusiveStartKey = after,
                },
                cancellationToken);
            found.AddRange(page.Items ?? []);
            if (page.LastEvaluatedKey is not { Count: > 0 } last)
            {
                break;
            }

            after = last;
        }

        return found;
    }

    /// <summary>
    /// Puts and deletes any number of items, 25 a request, several requests at a time, until none is left unprocessed. Not atomic: for writes that a
    /// repeat makes again. No two of them to the same item.
    /// </summary>
    /// <exception cref="DynamoUnavailableException">The table was too busy to take all of them; some are written.</exception>
    public Task Write(IReadOnlyCollection<WriteRequest> writes, CancellationToken cancellationToken)
        => InParallel(writes.Chunk(25), async (chunk, ct) =>
        {
            List<WriteRequest>? left = [.. chunk];
            for (var attempt = 1; left is { Count: > 0 }; attempt++)
            {
                await Pause(attempt, ct);
                var response = await client.BatchWriteItemAsync(new BatchWriteItemRequest { RequestItems = new() { [name] = left } }, ct);
                left = response.UnprocessedItems?.GetValueOrDefault(name);
            }
        }, cancellationToken);

    internal static Dictionary<string, AttributeValue> KeyOf(string pk, string sk)
        => new() { [DynamoKeys.Pk] = new AttributeValue(pk), [DynamoKeys.Sk] = new AttributeValue(sk) };

    static Task InParallel<T>(IEnumerable<T> chunks, Func<T, CancellationToken, ValueTask> work, CancellationToken ct)
        => Parallel.ForEachAsync(chunks, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct }, work);

    /// <summary>What a busy table leaves unprocessed is asked for again, later each time: for some ten seconds altogether.</summary>
    static Task Pause(int attempt, CancellationToken ct) => attempt switch
    {
        1 => Task.CompletedTask,
        <= 12 => Task.Delay(Math.Min(2_000, 25 << attempt) * Random.Shared.Next(50, 101) / 100, ct),
        _ => throw new DynamoUnavailableException("DynamoDB is too busy: it left items of a batch unprocessed again and again."),
    };
}
