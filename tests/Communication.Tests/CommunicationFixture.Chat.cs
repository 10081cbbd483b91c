using System.Collections.Concurrent;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace EdTech.Communication.Tests;

public sealed partial class CommunicationFixture
{
    static string Root(Guid conversation) => $"/internal/communication/conversations/{conversation}";

    public static MessagePosted Post(Actor by, Guid conversation, string text, Guid? id = null)
        => new(id ?? Guid.CreateVersion7(), conversation, by.Id, DateTimeOffset.UtcNow, text, null, [], []);

    public static MessageEdited Edit(Actor by, Guid conversation, Guid message, string text) => new(Guid.CreateVersion7(), conversation, by.Id, DateTimeOffset.UtcNow, message, text, []);

    public static MessageDeleted Delete(Actor by, Guid conversation, Guid message) => new(Guid.CreateVersion7(), conversation, by.Id, DateTimeOffset.UtcNow, message);

    public static MessageReacted React(Actor by, Guid conversation, Guid message, string emoji, bool removed = false)
        => new(Guid.CreateVersion7(), conversation, by.Id, DateTimeOffset.UtcNow, message, emoji, removed);

    /// <summary>Appends records as the gateway does, in this order.</summary>
    public async Task Say(params ChatRecord[] records)
    {
        var producer = Worker.Host.Services.GetRequiredService<IStreamProducer>();
        foreach (var record in records)
        {
            await producer.Produce(StreamTopics.ChatMessages, record, CancellationToken.None);
        }
    }

    public Task Reads(Actor by, Guid conversation, long sequence)
        => Worker.Host.Services.GetRequiredService<IStreamProducer>().Produce(StreamTopics.ChatReceipts, new ReadReceipt(Guid.CreateVersion7(), conversation, by.Id, DateTimeOffset.UtcNow, sequence), CancellationToken.None);

    /// <summary>Waits until a conversation's log has come so far.</summary>
    public Task Stored(Actor reader, Guid conversation, long sequence) => WorkerUnderTest.Until(async () => (await Entries(reader, conversation, sequence - 1, 1)).LastSequence >= sequence, $"entry {sequence} is stored");

    public Task<EntryPage> Entries(Actor reader, Guid conversation, long after = 0, int limit = 500)
        => Get(reader, $"{Root(conversation)}/entries?after={after}&limit={limit}", CommunicationJson.Web.EntryPage);

    public Task<MessagePage> History(Actor reader, Guid conversation, string query = "") => Get(reader, $"{Root(conversation)}/messages{query}", CommunicationJson.Web.MessagePage);

    public Task<MessageView> Message(Actor reader, Guid conversation, Guid message) => Get(reader, $"{Root(conversation)}/messages/{message}", CommunicationJson.Web.MessageView);

    public Task<MessageSearchPage> Search(Actor reader, Guid conversation, string words, string? cursor = null, int limit = 20)
        => Get(reader, $"{Root(conversation)}/messages/search?q={Uri.EscapeDataString(words)}&limit={limit}&cursor={cursor}", CommunicationJson.Web.MessageSearchPage);

    /// <summary>What sockets hear of a conversation from now on.</summary>
    public async Task<ConcurrentQueue<RealtimeFrame>> Listen(Guid conversation)
    {
        var redis = Worker.Host.Services.GetRequiredService<RedisConnection>();
        var frames = new ConcurrentQueue<RealtimeFrame>();
        await redis.Subscriber!.SubscribeAsync(
            RedisChannel.Literal(redis.Prefix + RealtimeChannels.Conversation(conversation)),
            (_, value) => frames.Enqueue(JsonSerializer.Deserialize((string)value!, CommunicationJson.Web.RealtimeFrame)!));
        return frames;
    }
}
