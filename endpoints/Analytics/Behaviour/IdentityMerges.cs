using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;

namespace EdTech.Analytics;

/// <summary>
/// Which anonymous ids are whose. An id belongs to the first account that signs in with it: a later one on the same device must not be shown what
/// somebody else did. Nothing is copied, so a merge can be taken back.
/// <code>
/// pk OWNER#anonymousId   sk OWNER         account_id
/// pk MERGES#account      sk anonymousId   active, history
/// </code>
/// </summary>
sealed class IdentityMerges(DynamoTable table)
{
    /// <summary>Devices of one person; more would make every read of theirs slow.</summary>
    public const int MaxPerAccount = 100;

    /// <summary>Told again, it changes nothing: also not after it was reverted by hand.</summary>
    public async Task Add(IdentityMerged merge, CancellationToken ct)
    {
        var (account, anonymous) = (merge.Data.AccountId, merge.Data.AnonymousId);
        if (!await Try(new PutItemRequest
        {
            TableName = table.Name,
            Item = DynamoValues.Item($"OWNER#{anonymous}", "OWNER").With("account_id", account),
            ConditionExpression = "attribute_not_exists(pk) OR account_id = :account",
            ExpressionAttributeValues = new() { [":account"] = DynamoValues.Of(account) },
        }, ct))
        {
            return;
        }

        await Try(new PutItemRequest
        {
            TableName = table.Name,
            Item = DynamoValues.Item(MergesOf(account), anonymous.ToString()).With("active", true).With("history", new AttributeValue { L = [ChangeOf("merged", merge.At, null)] }),
            ConditionExpression = "attribute_not_exists(pk)",
        }, ct);
    }

    /// <summary>Reverts or restores; false when there is no such merge. Doing it twice changes nothing the second time.</summary>
    public async Task<bool> Set(Guid account, Guid anonymous, bool active, Guid by, DateTimeOffset at, CancellationToken ct)
    {
        try
        {
            await table.Client.UpdateItemAsync(new UpdateItemRequest
            {
                TableName = table.Name,
                Key = DynamoValues.Item(MergesOf(account), anonymous.ToString()),
                UpdateExpression = "SET active = :active, history = list_append(history, :change)",
                ConditionExpression = "active = :before",
                ExpressionAttributeValues = new()
                {
                    [":active"] = DynamoValues.Of(active),
                    [":before"] = DynamoValues.Of(!active),
                    [":change"] = new AttributeValue { L = [ChangeOf(active ? "restored" : "reverted", at, by)] },
                },
            }, ct);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return await table.Get(MergesOf(account), anonymous.ToString(), ct) is not null;
        }
    }

    public async Task<IReadOnlyList<IdentityMergeView>> Of(Guid account, CancellationToken ct)
        => [.. (await table.Query(MergesOf(account), "0", "~", MaxPerAccount, newestFirst: false, ct)).Select(item => new IdentityMergeView(
            item.Id("sk"),
            item.Flag("active"),
            [.. item["history"].L.Select(c => new IdentityMergeChange(c.M.Text("what")!, c.M.Time("at"), c.M.IdOrNull("by")))]))];

    /// <summary>The account, and the anonymous ids that count as it.</summary>
    public static IReadOnlyList<string> PersonsOf(Guid account, IReadOnlyList<IdentityMergeView> merges)
        => [account.ToString(), .. merges.Where(m => m.Active).Select(m => m.AnonymousId.ToString())];

    async Task<bool> Try(PutItemRequest put, CancellationToken ct)
    {
        try
        {
            await table.Client.PutItemAsync(put, ct);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return false;
        }
    }

    static string MergesOf(Guid account) => $"MERGES#{account}";

    static AttributeValue ChangeOf(string what, DateTimeOffset at, Guid? by)
        => new() { M = new Dictionary<string, AttributeValue>(StringComparer.Ordinal).With("what", what).With("at", at).With("by", by) };
}
