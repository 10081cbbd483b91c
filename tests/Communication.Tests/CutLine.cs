using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using EdTech.Testing;

namespace EdTech.Communication.Tests;

/// <summary>A line to DynamoDB that is cut once, before the server has heard of a request or after it has done it.</summary>
/// <param name="calls">How many requests go through before.</param>
/// <param name="after">Whether the server still does the one that is cut.</param>
sealed class CutLine(int calls, bool after) : AmazonDynamoDBClient(
    new BasicAWSCredentials(Infrastructure.Setting("EDTECH_DYNAMODB_KEY") ?? "local", Infrastructure.Setting("EDTECH_DYNAMODB_SECRET") ?? "local"),
    new AmazonDynamoDBConfig { ServiceURL = Infrastructure.Setting("EDTECH_DYNAMODB"), AuthenticationRegion = "us-east-1" })
{
    int _calls;

    public override Task<BatchGetItemResponse> BatchGetItemAsync(BatchGetItemRequest request, CancellationToken cancellationToken = default)
        => Cut(() => base.BatchGetItemAsync(request, cancellationToken));

    public override Task<QueryResponse> QueryAsync(QueryRequest request, CancellationToken cancellationToken = default)
        => Cut(() => base.QueryAsync(request, cancellationToken));

    public override Task<TransactWriteItemsResponse> TransactWriteItemsAsync(TransactWriteItemsRequest request, CancellationToken cancellationToken = default)
        => Cut(() => base.TransactWriteItemsAsync(request, cancellationToken));

    async Task<T> Cut<T>(Func<Task<T>> request)
    {
        if (Interlocked.Increment(ref _calls) != calls + 1)
        {
            return await request();
        }

        if (after)
        {
            await request();
        }

        throw new IOException("The line is cut.");
    }
}
