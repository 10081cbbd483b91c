using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>What the commands know of a conversation (its <c>META</c> item).</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Title">Of a group, course or lesson.</param>
/// <param name="SubjectId">The course or live lesson.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Members">How many members.</param>
/// <param name="Version">Changes with title and members.</param>
/// <param name="CourseVersion">Of which version of its course the title is; 0 before the publication is known.</param>
sealed record Conversation(Guid Id, ConversationKind Kind, string? Title, Guid? SubjectId, DateTimeOffset CreatedAt, long Members, long Version, long CourseVersion = 0)
{
    /// <summary>How many members a group may have.</summary>
    public const int MaxMembers = 200;

    public static async Task<Conversation?> Find(DynamoTable table, Guid id, CancellationToken ct)
        => await table.Get(Keys.Conversation(id), Keys.Meta, ct) is { } item ? Of(item) : null;

    public static Conversation Of(Dictionary<string, AttributeValue> item) => new(
        Guid.Parse(item["pk"].S.AsSpan(Keys.ConversationPrefix.Length)),
        Enum.Parse<ConversationKind>(item["kind"].S),
        item.Text("title"),
        item.IdOrNull("subject_id"),
        item.Time("created_at"),
        item.Number("members"),
        item.Number("version"),
        item.Number("course_version"));

    /// <summary>Makes the conversation; the transaction fails where there is one already.</summary>
    public static void Create(IDynamoWrites items, Conversation conversation)
        => items.Put(
            DynamoValues.Item(Keys.Conversation(conversation.Id), Keys.Meta)
                .With("kind", conversation.Kind.ToString())
                .With("title", conversation.Title)
                .With("subject_id", conversation.SubjectId)
                .With("created_at", conversation.CreatedAt)
                .With("members", conversation.Members)
                .With("version", 1L)
                .With("course_version", conversation.CourseVersion),
            "attribute_not_exists(pk)");

    /// <summary>Counts members that came and went.</summary>
    /// <param name="items">The unit of work.</param>
    /// <param name="conversation">Which.</param>
    /// <param name="change">How many more.</param>
    /// <param name="seen">The version that the decision is based on; null where only the count changes.</param>
    public static void CountMembers(IDynamoWrites items, Guid conversation, int change, long? seen = null)
    {
        Dictionary<string, AttributeValue> values = new() { [":change"] = DynamoValues.Of(change), [":one"] = DynamoValues.Of(1) };
        if (seen is { } version)
        {
            values[":seen"] = DynamoValues.Of(version);
        }

        items.Update(Keys.Conversation(conversation), Keys.Meta, "ADD members :change, version :one", seen is null ? "attribute_exists(pk)" : "version = :seen", values);
    }
}
