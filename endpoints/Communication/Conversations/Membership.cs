using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// Membership of one person in one conversation: an item under the conversation, for who may post and who is told, and one under the person, for
/// "my conversations". Both are written by one transaction.
/// </summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="AccountId">The person.</param>
/// <param name="Kind">What kind of conversation.</param>
/// <param name="Moderator">Whether they may add, remove and delete.</param>
/// <param name="JoinedAt">Since when.</param>
/// <param name="OtherId">In a direct conversation: the other person.</param>
/// <param name="FromSequence">The conversation's last entry when they joined: what was said before counts as read.</param>
/// <param name="FromNumber">The number of messages then.</param>
sealed record Membership(
    Guid ConversationId, Guid AccountId, ConversationKind Kind, bool Moderator, DateTimeOffset JoinedAt, Guid? OtherId = null, long FromSequence = 0, long FromNumber = 0)
{
    /// <summary>How many people one message may add: two items each, the conversation's own and the inbox' are at most ten.</summary>
    public const int PerMessage = 4;

    /// <summary>How many direct conversations and groups one may be in. Those of courses and lessons follow from what one does and do not count.</summary>
    public const int MaxPerPerson = 500;

    /// <summary>A page of "my conversations" reads so many memberships of all kinds and is ordered among them.</summary>
    public const int MaxListed = 2_000;

    public static async Task<Membership?> Find(DynamoTable table, Guid conversation, Guid account, CancellationToken ct)
        => await table.Get(Keys.Conversation(conversation), Keys.Member(account), ct) is { } item ? Of(item) : null;

    /// <summary>Those of the people who are members.</summary>
    public static async Task<List<Membership>> Find(DynamoTable table, Guid conversation, IEnumerable<Guid> accounts, CancellationToken ct)
        => [.. (await table.GetMany([.. accounts.Select(a => (Keys.Conversation(conversation), Keys.Member(a)))], ct)).Select(Of)];

    public static Membership Of(Dictionary<string, AttributeValue> item) => new(
        item.Id("conversation_id"),
        item.Id("account_id"),
        Enum.Parse<ConversationKind>(item["kind"].S),
        item.Flag("moderator"),
        item.Time("joined_at"),
        item.IdOrNull("other_id"),
        item.Number("from_sequence"),
        item.Number("from_number"));

    /// <summary>As it is for somebody who joins a conversation in which something may have been said.</summary>
    public async Task<Membership> FromHere(DynamoTable table, CancellationToken ct)
        => await table.Get(Keys.Conversation(ConversationId), Keys.State, ct) is { } state
            ? this with { FromSequence = state.Number("last_sequence"), FromNumber = state.Number("message_count") }
            : this;

    /// <summary>Adds a member; the transaction fails where they are one already.</summary>
    public static void Add(IDynamoWrites items, Membership member)
    {
        items.Put(member.Item(Keys.Conversation(member.ConversationId), Keys.Member(member.AccountId)), "attribute_not_exists(pk)");
        items.Put(member.Item(Keys.Account(member.AccountId), Keys.Conversation(member.ConversationId)));
    }

    /// <summary>Removes a member; the transaction fails where they are none.</summary>
    public static void Remove(IDynamoWrites items, Guid conversation, Guid account, DateTimeOffset now)
    {
        items.Delete(Keys.Conversation(conversation), Keys.Member(account), "attribute_exists(pk)");
        items.Delete(Keys.Account(account), Keys.Conversation(conversation));
        // A message that was accepted while they were a member may be stored after this.
        items.Put(DynamoValues.Item(Keys.Conversation(conversation), Keys.Former(account)).With("left_at", now));
    }

    /// <summary>Makes a member a moderator.</summary>
    public static void Promote(IDynamoWrites items, Guid conversation, Guid account)
    {
        foreach (var (pk, sk) in new[] { (Keys.Conversation(conversation), Keys.Member(account)), (Keys.Account(account), Keys.Conversation(conversation)) })
        {
            items.Update(pk, sk, "SET moderator = :yes", "attribute_exists(pk)", new() { [":yes"] = DynamoValues.Of(true) });
        }
    }

    /// <summary>Whether somebody has as many conversations as one may have. People who are added to several at the same moment may get a few more.</summary>
    public static async Task<bool> Full(DynamoTable table, Guid account, CancellationToken ct)
    {
        var counted = await table.Client.QueryAsync(
            new QueryRequest
            {
                TableName = table.Name,
                KeyConditionExpression = "pk = :pk AND begins_with(sk, :prefix)",
                FilterExpression = "#kind IN (:direct, :group)",
                ExpressionAttributeNames = new() { ["#kind"] = "kind" },
                ExpressionAttributeValues = new()
                {
                    [":pk"] = DynamoValues.Of(Keys.Account(account)),
                    [":prefix"] = DynamoValues.Of(Keys.ConversationPrefix),
                    [":direct"] = DynamoValues.Of(nameof(ConversationKind.Direct)),
                    [":group"] = DynamoValues.Of(nameof(ConversationKind.Group)),
                },
                Select = Amazon.DynamoDBv2.Select.COUNT,
            },
            ct);
        return counted.Count >= MaxPerPerson;
    }

    Dictionary<string, AttributeValue> Item(string pk, string sk) => DynamoValues.Item(pk, sk)
        .With("conversation_id", ConversationId)
        .With("account_id", AccountId)
        .With("kind", Kind.ToString())
        .With("moderator", Moderator)
        .With("joined_at", JoinedAt)
        .With("other_id", OtherId)
        .With("from_sequence", FromSequence)
        .With("from_number", FromNumber);
}
