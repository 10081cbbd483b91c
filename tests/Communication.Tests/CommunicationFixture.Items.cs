using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Communication.Tests;

public sealed partial class CommunicationFixture
{
    public DynamoTable Table => Worker.Host.Services.GetRequiredService<DynamoTable>();

    /// <summary>Asks the internal API; the answer must be there.</summary>
    public async Task<T> Get<T>(Actor by, string path, JsonTypeInfo<T> type)
    {
        using var answer = await Worker.Api(by).GetAsync(new Uri(path, UriKind.Relative));
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(type))!;
    }

    /// <summary>Where a conversation's log stands, as if so much had been said in it.</summary>
    public Task State(Guid conversation, long lastSequence, long messages, DateTimeOffset? lastAt = null)
        => Table.Write(
            [new(new PutRequest(DynamoValues.Item(Keys.Conversation(conversation), Keys.State).With("last_sequence", lastSequence).With("message_count", messages).With("last_at", lastAt ?? DateTimeOffset.UtcNow)))],
            CancellationToken.None);

    /// <summary>Makes somebody a member of so many groups that are not there.</summary>
    public Task Fill(Actor person, int groups)
        => Table.Write(
            [
                .. Enumerable.Range(0, groups).Select(_ => Guid.CreateVersion7()).Select(id => new WriteRequest(new PutRequest(
                    DynamoValues.Item(Keys.Account(person.Id), Keys.Conversation(id))
                        .With("conversation_id", id)
                        .With("account_id", person.Id)
                        .With("kind", nameof(ConversationKind.Group))
                        .With("joined_at", DateTimeOffset.UtcNow)))),
            ],
            CancellationToken.None);
}
