using System.Text.Json;
using System.Text.Json.Serialization;
using FastEndpoints;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace EdTech.Gateway;

/// <summary>The platform's public face: HTTP under <c>/v1</c>. Reads go to the workers' internal APIs, writes become commands on the bus.</summary>
public static class GatewayApp
{
    /// <summary>The gateway's name on the bus.</summary>
    public const string Name = "EdTech.Gateway";

    /// <summary>Builds the gateway without starting it, so that it can run beside the workers in one process.</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (builder.Configuration["EDTECH_GATEWAY_URL"] is { Length: > 0 } url) builder.WebHost.UseUrls(url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimit.Default;
        });

        AddBus(builder.Services);
        builder.Services.AddWorkerClients(builder.Configuration);
        builder.Services.ConfigureHttpJsonOptions(json => ConfigureJson(json.SerializerOptions));
        builder.Services.AddSingleton(typeof(IRequestBinder<>), typeof(ExplicitSourcesBinder<>));
        builder.Services.AddFastEndpoints(discovery =>
        {
            discovery.DisableAutoDiscovery = true;
            discovery.Assemblies = [typeof(GatewayApp).Assembly];
        });
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(jwt => jwt.MapInboundClaims = false);
        builder.Services.AddAuthorization();

        var app = builder.Build();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Problems.WriteUnhandledAsync });
        app.UseStatusCodePages(context => Problems.WriteStatusAsync(context.HttpContext));
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<RequestBodyCheck>();
        app.UseFastEndpoints(ConfigureFastEndpoints);
        return app;
    }

    static void AddBus(IServiceCollection services) => _ = services;

    static void ConfigureJson(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.AllowDuplicateProperties = false;
        json.MaxDepth = RequestBodyCheck.MaxDepth;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
    }

    /// <summary>FastEndpoints' configuration is static and the first one in the process wins, so it may depend on nothing of this instance.</summary>
    static void ConfigureFastEndpoints(Config config)
    {
        config.Errors.ResponseBuilder = (failures, http, status) => Problems.FromValidation(http, failures, status);
        config.Errors.ContentType = Problems.ContentType;
        config.Errors.ProducesMetadataType = typeof(ApiProblem);
        config.Binding.JsonExceptionTransformer = Problems.FromJsonException;
        config.Binding.FormExceptionTransformer = exception
            => exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } ? throw exception : new("body", "The form cannot be read.") { ErrorCode = "malformed" };
    }
}
