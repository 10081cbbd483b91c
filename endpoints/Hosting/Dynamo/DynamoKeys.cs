namespace EdTech.Hosting;

/// <summary>
/// The runtime's own items in an endpoint's table, beside those of its domain, which must begin with other words:
/// <list type="table">
/// <item><term><c>INBOX#{message id}</c>, <c>INBOX</c></term><description>a handled message: <c>handled_at</c> (milliseconds since 1970), <c>actor_id</c>,
/// <c>request_hash</c>, <c>reply_type</c>, <c>reply</c>, <c>expires_at</c>. As long as what it sent has not left: <c>outgoing</c> with the messages and
/// <c>outbox</c>, <c>outbox_at</c> (milliseconds), the keys of the sparse index <c>outbox</c>.</description></item>
/// <item><term><c>SAGA#{type}#{correlation}</c>, <c>SAGA</c></term><description>a saga: <c>saga_id</c>, <c>correlation</c>, <c>data</c> (JSON), <c>version</c>.</description></item>
/// <item><term><c>SAGAID#{saga id}</c>, <c>SAGA</c></term><description>the <c>correlation</c> of a saga, for replies and time-outs, which know its id only.</description></item>
/// </list>
/// </summary>
static class DynamoKeys
{
    public const string Pk = "pk";
    public const string Sk = "sk";
    public const string ExpiresAt = "expires_at";

    public const string InboxSk = "INBOX";
    public const string SagaSk = "SAGA";

    /// <summary>The index of what waits to leave: hash key <see cref="Outbox"/>, range key <see cref="OutboxAt"/>, keys only.</summary>
    public const string OutboxIndex = "outbox";
    public const string Outbox = "outbox";
    public const string OutboxAt = "outbox_at";

    // One value of the index' key takes 1,000 writes a second, and slows the table down when it is full.
    public const int OutboxShards = 4;

    public static string InboxPk(string messageId) => "INBOX#" + messageId;

    public static string SagaPk(string type, string correlation) => $"SAGA#{type}#{correlation}";

    public static string SagaIdPk(Guid sagaId) => $"SAGAID#{sagaId}";

    public static string ShardOf(string messageId) => ShardName((messageId.Length == 0 ? 0 : messageId[^1]) % OutboxShards);

    public static string ShardName(int shard) => shard.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
