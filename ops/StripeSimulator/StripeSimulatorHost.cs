using System.Net;

namespace EdTech.StripeSimulator;

/// <summary>
/// A stateful stand-in for Stripe: its HTTP shapes, its states, its errors and its webhooks, with a clock that tests move.
/// It is for development and tests only; nothing here moves money.
/// </summary>
public static class StripeSimulatorHost
{
    /// <summary>The simulator, ready to run. Settings come from the environment or as <c>--NAME=value</c>.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var settings = SimulatorSettings.Read(builder.Configuration);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            kestrel.Listen(settings.Address, settings.Api.Port);
        });

        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<Simulation>();
        builder.Services.AddSingleton<RequestFaults>();
        builder.Services.AddSingleton<WebhookDelivery>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<WebhookDelivery>());
        builder.Services.AddHostedService<PassingTime>();

        var app = builder.Build();
        // The journal is read before the first request is accepted.
        app.Services.GetRequiredService<Simulation>();
        var api = new StripeRequests(app);
        Customers.Map(api);
        PaymentMethods.Map(api);
        PaymentIntents.Map(api);
        Charges.Map(api);
        Refunds.Map(api);
        Disputes.Map(api);
        Accounts.Map(api);
        Transfers.Map(api);
        Payouts.Map(api);
        BalanceReads.Map(api);
        StripeEvents.Map(api);
        ThreeDSecure.Map(app);
        Accounts.MapPages(app);
        SimulatorControl.Map(app);
        api.AnswerTheRest();
        return app;
    }
}

sealed record SimulatorSettings
{
    public required Uri Api { get; init; }
    public required IPAddress Address { get; init; }
    public required string SecretKey { get; init; }
    public required string PublishableKey { get; init; }
    public required string WebhookSecret { get; init; }
    public required Uri? WebhookUrl { get; init; }
    public required string? Journal { get; init; }
    public required TimeSpan FirstRetry { get; init; }
    public required TimeSpan LongestRetry { get; init; }
    public required int Deliveries { get; init; }

    public static SimulatorSettings Read(IConfiguration configuration)
    {
        var api = new Uri(Needed("EDTECH_STRIPE_API", "the address to listen on, such as http://127.0.0.1:20354"));
        return new SimulatorSettings
        {
            Api = api,
            Address = api.HostNameType switch
            {
                UriHostNameType.IPv4 or UriHostNameType.IPv6 => IPAddress.Parse(api.Host.Trim('[', ']')),
                _ when api.Host == "localhost" => IPAddress.Loopback,
                _ => IPAddress.Any,
            },
            SecretKey = Needed("EDTECH_STRIPE_SECRET_KEY", "the key that clients authenticate with, sk_test_..."),
            PublishableKey = configuration["EDTECH_STRIPE_PUBLISHABLE_KEY"] is { Length: > 0 } publishable ? publishable : "pk_test_simulator",
            WebhookSecret = configuration["EDTECH_STRIPE_WEBHOOK_SECRET"] is { Length: > 0 } secret ? secret : "whsec_simulator",
            WebhookUrl = configuration["EDTECH_STRIPE_WEBHOOK_URL"] is { Length: > 0 } url ? new Uri(url) : null,
            Journal = configuration["EDTECH_STRIPE_JOURNAL"] is { Length: > 0 } journal ? journal : null,
            FirstRetry = TimeSpan.FromMilliseconds(configuration.GetValue("EDTECH_STRIPE_WEBHOOK_RETRY_MS", 200)),
            LongestRetry = TimeSpan.FromMilliseconds(configuration.GetValue("EDTECH_STRIPE_WEBHOOK_RETRY_MAX_MS", 5000)),
            Deliveries = configuration.GetValue("EDTECH_STRIPE_WEBHOOK_CONCURRENCY", 8),
        };

        string Needed(string name, string meaning)
            => configuration[name] is { Length: > 0 } value
                ? value
                : throw new InvalidOperationException($"{name} is not set: {meaning}. Set it in the environment or pass --{name}=...");
    }
}
