using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Communication;

/// <summary>Conversations, messages, read receipts and live lessons.</summary>
public static class CommunicationEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Communication";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(
            new Worker(Name, typeof(CommunicationEndpoint).Assembly)
                .OnDynamoDb()
                .Services(services => services.AddRedis().AddSingleton<ConversationReads>().AddSingleton<MessageReads>().AddSingleton<ConversationFrames>())
                .Services(KnownPeople.AddTo)
                .Services(services => services.AddStreamWorker<ChatLogWorker, ChatRecord>().AddStreamWorker<ReceiptsWorker, ReadReceipt>())
                .Services(AgoraClients.AddTo)
                .Services(services => services.AddSingleton(CustomCheck.Reachable("Agora reachable", p => p.GetRequiredService<AgoraSettings>().Api)))
                .Queries(ConversationRoutes.Map)
                .Queries(MessageRoutes.Map)
                .Queries(SessionRoutes.Map),
            args);
}
