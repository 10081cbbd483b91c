using System.Text.Json;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using StackExchange.Redis;

namespace EdTech.Communication;

/// <summary>Tells the sockets of a conversation's members. A frame that Redis does not take is lost: who misses it sees the gap, or is told to read.</summary>
sealed class ConversationFrames(RedisConnection redis)
{
    const int EntriesPerFrame = 50;

    /// <summary>New entries, in their order.</summary>
    public async Task Tell(Guid conversation, IReadOnlyList<ChatEntry> entries)
    {
        foreach (var chunk in entries.Chunk(EntriesPerFrame))
        {
            await Publish(conversation, new RealtimeFrame(FrameTypes.Entries, conversation, Entries: chunk));
        }
    }

    /// <summary>Somebody has read on.</summary>
    public Task TellRead(Guid conversation, Guid member, long sequence) => Publish(conversation, new RealtimeFrame(FrameTypes.Read, conversation, member, Sequence: sequence));

    Task Publish(Guid conversation, RealtimeFrame frame)
        => redis.Try(db => db.PublishAsync(RedisChannel.Literal(redis.Prefix + RealtimeChannels.Conversation(conversation)), JsonSerializer.SerializeToUtf8Bytes(frame, CommunicationJson.Web.RealtimeFrame)), 0L);
}
