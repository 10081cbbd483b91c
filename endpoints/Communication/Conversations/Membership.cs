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
/// <param name="EnrolmentId">In a course's: the enrolment that made them a member.</param>
sealed record Membership(Guid ConversationId, Guid AccountId, ConversationKind Kind, bool Moderator, DateTimeOffset JoinedAt, Guid? OtherId = null, Guid? EnrolmentId = null)
{
    /// <summary>How many people one message may add: two items each, the conversation's own and the inbox' are at most ten.</summary>
    public const int PerMessage = 4;

    /// <summary>A page of "my conversations" reads all of them: who has more leaves some first.</summary>
    public const int MaxPerPerson = 500;

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
        item.IdOrNull("enrolment_id"));

    /// <summary>Adds a member; the transaction fails where they are one already.</summary>
    public static void Add(IDynamoWrites items, Membership member)
    {
        items.Put(member.Item(Keys.Conversation(member.ConversationId), Keys.Member(member.AccountId)), "attribute_not_exists(pk)");
        items.Put(member.Item(Keys.Account(member.AccountId), Keys.Conversation(member.ConversationId)));
    }

    /// <summary>Removes a member; the transaction fails where they are none.</summary>
    public static void Remove(IDynamoWrites items, Guid conversation, Guid account)
    {
        items.Delete(Keys.Conversation(conversation), Keys.Member(account), "attribute_exists(pk)");
        items.Delete(Keys.Account(account), Keys.Conversation(conversation));
    }

    /// <summary>Whether somebody has as many conversations as one may have.</summary>
    public static async Task<bool> Full(DynamoTable table, Guid account, CancellationToken ct)
    {
        var counted = await table.Client.QueryAsync(
            new QueryRequest
            {
                TableName = table.Name,
                KeyConditionExpression = "pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues = new() { [":pk"] = DynamoValues.Of(Keys.Account(account)), [":prefix"] = DynamoValues.Of(Keys.ConversationPrefix) },
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
        .With("enrolment_id", EnrolmentId);
}
