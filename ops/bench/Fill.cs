using Amazon.DynamoDBv2.Model;
using EdTech.Communication;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Bench;

/// <summary>Conversations as their commands would have made them, many at a time.</summary>
static class Fill
{
    public static async Task Conversations(WorkerUnderTest worker, IReadOnlyList<Guid> conversations, IReadOnlyList<Guid> members)
    {
        var table = worker.Host.Services.GetRequiredService<DynamoTable>();
        var now = DateTimeOffset.UtcNow;
        await table.Write(
            [
                .. conversations.Select(c => Put(DynamoValues.Item(Keys.Conversation(c), Keys.Meta).With("kind", nameof(ConversationKind.Group)).With("title", "A group").With("created_at", now).With("members", (long)members.Count).With("version", 1L))),
                .. conversations.SelectMany(c => members.SelectMany(m => new[] { Member(c, m, Keys.Conversation(c), Keys.Member(m), now), Member(c, m, Keys.Account(m), Keys.Conversation(c), now) })),
            ],
            default);
    }

    /// <summary>Entries stored in these conversations.</summary>
    public static async Task<long> Stored(DynamoTable table, IReadOnlyList<Guid> conversations)
        => (await table.GetMany([.. conversations.Select(c => (Keys.Conversation(c), Keys.State))], default, "last_sequence")).Sum(s => s.Number("last_sequence"));

    public static WriteRequest Put(Dictionary<string, AttributeValue> item) => new(new PutRequest(item));

    static WriteRequest Member(Guid conversation, Guid account, string pk, string sk, DateTimeOffset at)
        => Put(DynamoValues.Item(pk, sk).With("conversation_id", conversation).With("account_id", account).With("kind", nameof(ConversationKind.Group)).With("joined_at", at));
}
