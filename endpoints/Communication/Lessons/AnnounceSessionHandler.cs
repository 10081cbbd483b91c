using System.Text.Json;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using StackExchange.Redis;

namespace EdTech.Communication;

/// <summary>Tells the sockets of the lesson's conversation. What is lost is noticed at the next change: a frame only says "read it again".</summary>
sealed class AnnounceSessionHandler(RedisConnection redis) : IHandleOutsideCalls<AnnounceSession>
{
    public Task Handle(AnnounceSession message, IMessageHandlerContext context)
    {
        var frame = new RealtimeFrame(FrameTypes.Session, message.SessionId, SessionId: message.SessionId, Detail: JsonNamingPolicy.CamelCase.ConvertName(message.Status.ToString()));
        return redis.Try(
            database => database.PublishAsync(RedisChannel.Literal(redis.Prefix + RealtimeChannels.Conversation(message.SessionId)), JsonSerializer.SerializeToUtf8Bytes(frame, CommunicationJson.Web.RealtimeFrame)),
            0L);
    }
}
