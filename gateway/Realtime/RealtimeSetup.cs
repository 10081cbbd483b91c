using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace EdTech.Gateway;

/// <summary>The WebSockets of chat and live lessons.</summary>
static class RealtimeSetup
{
    public const string Path = "/hubs/chat";
    const int Buffer = 64 * 1024;

    public static void AddRealtime(this IServiceCollection services)
    {
        services.AddStreamProducer(StreamTopics.ChatMessages, StreamTopics.ChatReceipts);
        services.AddSingleton<ConversationAccesses>();
        services.AddSingleton<LatestMessages>();
        services.AddSingleton<ChatIntake>();
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<HubSockets>();
        services.AddSingleton<HubLifetimeManager<ChatHub>>(provider => provider.GetRequiredService<HubSockets>());
        services.AddSingleton<FanOut>();
        services.AddSingleton<Presence>();
        services.AddSingleton<Memberships>();
        services.AddSingleton<HubRules>();
        services.AddHostedService<HubUpkeep>();
        services.AddSignalR(hub =>
        {
            hub.EnableDetailedErrors = false;
            hub.MaximumReceiveMessageSize = 32 * 1024;
            hub.MaximumParallelInvocationsPerClient = 4;
            hub.StreamBufferCapacity = 1;
            hub.HandshakeTimeout = TimeSpan.FromSeconds(10);
            hub.KeepAliveInterval = TimeSpan.FromSeconds(15);
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(40);
            hub.DisableImplicitFromServicesParameters = true;
            hub.AddFilter<HubRules>();
        }).AddJsonProtocol(json =>
        {
            json.PayloadSerializerOptions = new System.Text.Json.JsonSerializerOptions(HubJson.Default.Options) { AllowDuplicateProperties = false, MaxDepth = RequestBodyCheck.MaxDepth };
        });
    }

    /// <summary>
    /// A browser cannot give a WebSocket a header, so its token comes in the address, under /hubs only. It is taken out of there before anything
    /// else sees the request, so that no log, trace or error shows it.
    /// </summary>
    public static void UseRealtimeTokens(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal) && http.Request.Query["access_token"] is [{ Length: > 0 } token, ..])
        {
            if (http.Request.Headers.Authorization.Count == 0) http.Request.Headers.Authorization = $"Bearer {token}";
            http.Request.QueryString = QueryString.Create(http.Request.Query.Where(q => !string.Equals(q.Key, "access_token", StringComparison.OrdinalIgnoreCase)));
        }

        return next(http);
    });

    /// <summary>WebSockets only: any gateway can take any connection, without sticky sessions.</summary>
    public static void MapRealtime(this IEndpointRouteBuilder app)
        => app.MapHub<ChatHub>(Path, connection =>
        {
            connection.Transports = HttpTransportType.WebSockets;
            connection.ApplicationMaxBufferSize = Buffer;
            connection.TransportMaxBufferSize = Buffer;
            connection.CloseOnAuthenticationExpiration = false; // a renewed token moves the end: HubUpkeep knows it
            connection.WebSockets.CloseTimeout = TimeSpan.FromSeconds(5);
        }).RequireAuthorization().DisableRequestTimeout().ExcludeFromDescription();
}
