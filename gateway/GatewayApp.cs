using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdTech.Contracts;
using EdTech.Hosting;
using FastEndpoints;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace EdTech.Gateway;

/// <summary>The platform's public face: HTTP under <c>/v1</c>. Reads go to the workers' internal APIs, writes become commands on the bus.</summary>
public static class GatewayApp
{
    /// <summary>The gateway's name on the bus.</summary>
    public const string Name = "EdTech.Gateway";

    const long BodyLimit = 1024 * 1024;

    /// <summary>Of HTTP, and of WebSockets besides: past it a connection is closed at once, before memory is short.</summary>
    const int ConnectionLimit = 10_000;

    /// <summary>Builds the gateway without starting it, so that it can run beside the workers in one process.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var configuration = builder.Configuration;
        builder.WebHost.UseUrls(configuration["EDTECH_LISTEN"] ?? configuration.Required("EDTECH_GATEWAY_URL"));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimit;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 500, gracePeriod: TimeSpan.FromSeconds(5));
            kestrel.Limits.MaxConcurrentConnections = ConnectionLimit;
            kestrel.Limits.MaxConcurrentUpgradedConnections = ConnectionLimit;
        });
        builder.Logging.AddPlatformLog(configuration).AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Polly", LogLevel.None).AddFilter("FastEndpoints", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None); // to which every refusal is an error; HubRules logs what is one
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        AddPlatform(builder.Services, configuration);
        AddHttp(builder.Services, configuration);

        var app = builder.Build();
        Use(app);
        return app;
    }

    /// <summary>What connects the gateway with workers, bus and Redis.</summary>
    static void AddPlatform(IServiceCollection services, IConfiguration configuration)
    {
        services.AddDraining();
        services.AddSingleton(TimeProvider.System);
        services.AddPlatformTelemetry(configuration, Name);
        services.AddRedis();
        services.AddSingleton<AnswerCache>();
        services.AddSingleton<WorkerLoads>();
        services.AddSingleton<RevokedTokens>();
        services.AddSingleton<PublishedKeys>();
        services.AddSingleton<OperationIds>();
        services.AddStreamProducer(StreamTopics.AnalyticsEvents);
        services.AddSingleton<BehaviourIntake>();
        services.AddHttpClient();
        services.AddWorkerClients(configuration);
        services.AddMessageSession(configuration, Name, (provider, events) =>
        {
            CacheEvictions.Subscribe(provider, events);
            provider.GetRequiredService<RevokedTokens>().Subscribe(events);
            provider.GetRequiredService<ConversationAccesses>().Subscribe(events);
            provider.GetRequiredService<Memberships>().Subscribe(events);
        });
        services.AddRealtime();
    }

    static void AddHttp(IServiceCollection services, IConfiguration configuration)
    {
        services.ConfigureHttpJsonOptions(json => ConfigureJson(json.SerializerOptions));
        services.AddSingleton(typeof(IRequestBinder<>), typeof(ExplicitSourcesBinder<>)); // before FastEndpoints, which adds its own only where there is none
        services.AddFastEndpoints(discovery =>
        {
            discovery.DisableAutoDiscovery = true;
            discovery.Assemblies = [typeof(GatewayApp).Assembly];
        });
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(provider => provider.GetRequiredService<AccessTokens>());
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddAuthorization();
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromSeconds(60), TimeoutStatusCode = StatusCodes.Status504GatewayTimeout });
        services.AddCors(cors => cors.AddDefaultPolicy(policy =>
        {
            var origins = List(configuration["EDTECH_CORS_ORIGINS"]);
            _ = origins is ["*"] ? policy.AllowAnyOrigin() : policy.WithOrigins(origins);
            policy.AllowAnyMethod().AllowAnyHeader().SetPreflightMaxAge(TimeSpan.FromMinutes(10))
                .WithExposedHeaders("ETag", "Location", "Preference-Applied", "RateLimit", "RateLimit-Policy", "Retry-After");
        }));
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in List(configuration["EDTECH_TRUSTED_PROXIES"]))
            {
                if (proxy.Contains('/', StringComparison.Ordinal)) forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
                else forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
            }
        });
        services.AddRequestDecompression();
        services.AddOpenApiDocument();
    }

    static void Use(WebApplication app)
    {
        // Without a list of proxies everybody would be trusted: the middleware must not even run.
        if (List(app.Configuration["EDTECH_TRUSTED_PROXIES"]).Length > 0) app.UseForwardedHeaders();
        app.UseDraining();
        app.UseRealtimeTokens();
        app.UseMiddleware<SecurityHeaders>();
        app.UseHsts();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Problems.WriteUnhandledAsync,
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or BrokerUnavailableException,
        });
        app.UseStatusCodePages(context => Problems.WriteStatusAsync(context.HttpContext));
        app.Use((http, next) =>
        {
            // FastEndpoints lists every operation's type there, for its test helpers.
            if (!http.Request.Path.StartsWithSegments("/_test_url_cache_", StringComparison.OrdinalIgnoreCase)) return next(http);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<LoadShedding>();
        app.UseAuthentication();
        app.UseMiddleware<RateLimits>();
        app.UseAuthorization();
        app.UseRequestTimeouts();
        // Bounded by the limit of what is sent, also when it is unpacked.
        app.UseWhen(http => http.Request.Path == ReportBehaviourEndpoint.Path, events => events.UseRequestDecompression());
        app.UseMiddleware<RequestBodyCheck>();
        app.UseFastEndpoints(ConfigureFastEndpoints);
        app.MapHealth();
        app.MapStripeWebhook();
        app.MapRealtime();
        app.MapChatPage();
        app.MapAgoraWebhook();
        app.MapOpenApi();
        app.MapScalarApiReference(reference => reference.WithTitle("EdTech").AddDocument("v1"));
    }

    static void ConfigureJson(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.AllowDuplicateProperties = false;
        json.MaxDepth = RequestBodyCheck.MaxDepth;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
        // The records of contracts say which of their parts may be absent; nobody behind the gateway checks that again.
        json.RespectNullableAnnotations = true;
        for (var i = 0; i < json.TypeInfoResolverChain.Count; i++)
            json.TypeInfoResolverChain[i] = json.TypeInfoResolverChain[i].WithAddedModifier(RequireContractParts);
    }

    static void RequireContractParts(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Assembly != typeof(ICommand).Assembly) return;
        foreach (var property in type.Properties)
            if (!property.PropertyType.IsValueType && property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false }) property.IsRequired = true;
    }

    /// <summary>FastEndpoints' configuration is static and the first one in the process wins, so it may depend on nothing of this instance.</summary>
    static void ConfigureFastEndpoints(Config config)
    {
        config.Errors.ResponseBuilder = (failures, http, status) => Problems.FromValidation(http, failures, status);
        config.Errors.ContentType = Problems.ContentType;
        config.Errors.ProducesMetadataType = typeof(ApiProblem);
        config.Binding.JsonExceptionTransformer = Problems.FromJsonException;
        config.Binding.FailureMessage = (type, _, _) => $"The value is not a valid {Problems.PublicName(type)}.";
        config.Binding.FormExceptionTransformer = exception
            => exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } ? throw exception : new("body", "The form cannot be read.") { ErrorCode = "malformed" };
    }

    static string[] List(string? setting) => (setting ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
