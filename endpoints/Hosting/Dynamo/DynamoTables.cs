using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>Makes the endpoint's table when it is missing: keys, the outbox' index and removal by <c>expires_at</c>.</summary>
sealed class DynamoTables(DynamoTable table, ILogger<DynamoTables> logger)
{
    static readonly TimeSpan MakingTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Waits for the server, then for the table. Safe to run from several instances at once.</summary>
    public async Task Prepare(CancellationToken ct)
    {
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            try
            {
                await Make(ct);
                return;
            }
            catch (DynamoUnavailableException e)
            {
                logger.LogWarning("Waiting for DynamoDB: {Reason}", e.Message);
                await Task.Delay(wait, ct);
            }
        }
    }

    /// <summary>Done when the table answers.</summary>
    public async Task Ping(CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await table.Client.GetItemAsync(new GetItemRequest { TableName = table.Name, Key = DynamoTable.KeyOf("PING", "PING") }, deadline.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new DynamoUnavailableException("DynamoDB did not answer within 2 s.", e);
        }
    }

    async Task Make(CancellationToken ct)
    {
        if (await Describe(ct) is null)
        {
            try
            {
                await table.Client.CreateTableAsync(Definition(), ct);
                logger.LogInformation("Table {Table} is being made", table.Name);
            }
            catch (ResourceInUseException)
            {
                logger.LogDebug("{Table} is being made by another instance.", table.Name);
            }
        }

        await UntilActive(ct);
        var ttl = (await table.Client.DescribeTimeToLiveAsync(new DescribeTimeToLiveRequest { TableName = table.Name }, ct)).TimeToLiveDescription;
        if (ttl?.TimeToLiveStatus is null || ttl.TimeToLiveStatus == TimeToLiveStatus.DISABLED)
        {
            try
            {
                await table.Client.UpdateTimeToLiveAsync(new UpdateTimeToLiveRequest { TableName = table.Name, TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = DynamoKeys.ExpiresAt, Enabled = true } }, ct);
            }
            catch (AmazonDynamoDBException e) when (e.ErrorCode == "ValidationException")
            {
                logger.LogDebug("The removal of expired items of {Table} was set by another instance: {Reason}", table.Name, e.Message);
            }
        }
    }

    async Task UntilActive(CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(MakingTimeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            if (await Describe(deadline.Token) is { } found && found.TableStatus == TableStatus.ACTIVE)
            {
                var index = found.GlobalSecondaryIndexes?.FirstOrDefault(i => i.IndexName == DynamoKeys.OutboxIndex)
                    ?? throw new InvalidOperationException($"Table {table.Name} has no index {DynamoKeys.OutboxIndex}: it was not made by this program. Set another EDTECH_DATABASE_PREFIX, or delete the table.");
                if (index.IndexStatus is null || index.IndexStatus == IndexStatus.ACTIVE)
                {
                    return;
                }
            }

            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException late) when (!ct.IsCancellationRequested)
            {
                throw new TimeoutException($"Table {table.Name} is not active after {MakingTimeout.TotalSeconds} s.", late);
            }
        }
    }

    async Task<TableDescription?> Describe(CancellationToken ct)
    {
        try
        {
            return (await table.Client.DescribeTableAsync(table.Name, ct)).Table;
        }
        catch (ResourceNotFoundException)
        {
            return null;
        }
    }

    CreateTableRequest Definition() => new()
    {
        TableName = table.Name,
        BillingMode = BillingMode.PAY_PER_REQUEST,
        AttributeDefinitions =
        [
            new AttributeDefinition(DynamoKeys.Pk, ScalarAttributeType.S),
            new AttributeDefinition(DynamoKeys.Sk, ScalarAttributeType.S),
            new AttributeDefinition(DynamoKeys.Outbox, ScalarAttributeType.S),
            new AttributeDefinition(DynamoKeys.OutboxAt, ScalarAttributeType.N),
        ],
        KeySchema = [new KeySchemaElement(DynamoKeys.Pk, KeyType.HASH), new KeySchemaElement(DynamoKeys.Sk, KeyType.RANGE)],
        GlobalSecondaryIndexes =
        [
            new GlobalSecondaryIndex
            {
                IndexName = DynamoKeys.OutboxIndex,
                KeySchema = [new KeySchemaElement(DynamoKeys.Outbox, KeyType.HASH), new KeySchemaElement(DynamoKeys.OutboxAt, KeyType.RANGE)],
                Projection = new Projection { ProjectionType = ProjectionType.KEYS_ONLY },
            },
        ],
    };
}
