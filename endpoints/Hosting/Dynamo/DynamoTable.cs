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
    public Task<Dictionary<string, AttributeValue>?> Get(string pk, string sk, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>Those of the items that exist, in no order; any number of keys, in requests of 100 each.</summary>
    public Task<List<Dictionary<string, AttributeValue>>> GetMany(IReadOnlyCollection<(string Pk, string Sk)> keys, CancellationToken cancellationToken, string? projection = null)
        => throw new NotImplementedException();

    /// <summary>Items of one partition key between two sort keys (both included), at most <paramref name="limit"/>; follows pages until it has them.</summary>
    public Task<List<Dictionary<string, AttributeValue>>> Query(string pk, string fromSk, string toSk, int limit, bool newestFirst, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>Puts and deletes any number of items, 25 a request, several requests at a time, until none is left unprocessed. Not atomic: for writes that a repeat makes again.</summary>
    public Task Write(IReadOnlyCollection<WriteRequest> writes, CancellationToken cancellationToken)
        => throw new NotImplementedException();
}
