using System.Net;

namespace EdTech.AgoraSimulator;

/// <summary>
/// A stand-in for the parts of Agora that a server speaks to: cloud recording, kicking rules and signed webhooks. People enter its channels by
/// <c>/simulator</c>. It is for development and tests only; no sound or picture passes through it, and it forgets everything when it stops.
/// </summary>
public static class AgoraSimulatorHost
{
    /// <summary>The simulator, ready to run. Settings come from the environment or as <c>--NAME=value</c>.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var settings = AgoraSimulatorSettings.Read(builder.Configuration);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            kestrel.Listen(IPAddress.TryParse(settings.Api.Host, out var address) ? address : settings.Api.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any, settings.Api.Port);
        });
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<AgoraFaults>();
        builder.Services.AddSingleton<AgoraWebhooks>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<AgoraWebhooks>());
        builder.Services.AddSingleton<SimulatedChannels>();

        var app = builder.Build();
        app.UseMiddleware<AgoraRequests>();
        CloudRecording.Map(app);
        KickingRules.Map(app);
        AgoraControl.Map(app);
        return app;
    }
}

sealed record AgoraSimulatorSettings(Uri Api, string AppId, string CustomerId, string CustomerSecret, string WebhookSecret, Uri? WebhookUrl)
{
    public static AgoraSimulatorSettings Read(IConfiguration configuration)
    {
        return new AgoraSimulatorSettings(
            new Uri(Needed("EDTECH_AGORA_API", "the address to listen on, such as http://127.0.0.1:20357")),
            Needed("EDTECH_AGORA_APP_ID", "the application, 32 hexadecimal digits"),
            Needed("EDTECH_AGORA_CUSTOMER_ID", "the user name of the REST API"),
            Needed("EDTECH_AGORA_CUSTOMER_SECRET", "its password"),
            Needed("EDTECH_AGORA_WEBHOOK_SECRET", "what webhooks are signed with"),
            configuration["EDTECH_AGORA_WEBHOOK_URL"] is { Length: > 0 } url ? new Uri(url) : null);

        string Needed(string name, string meaning)
            => configuration[name] is { Length: > 0 } value
                ? value
                : throw new InvalidOperationException($"{name} is not set: {meaning}. Set it in the environment or pass --{name}=...");
    }
}
