using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.DynamoDBv2;
using EdTech.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>Builds the host that runs a <see cref="Worker"/>: bus, storage, internal API, health, telemetry.</summary>
public static class WorkerHost
{
    /// <summary>Builds without starting. Several hosts can run joined in one process.</summary>
    public static WebApplication Build(Worker worker, string[] args)
    {
        Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
        var builder = WebApplication.CreateSlimBuilder(args);
        var configuration = builder.Configuration;
        builder.WebHost.UseUrls(configuration["EDTECH_LISTEN"] ?? configuration.WorkerUrl(worker.ShortName).ToString());
        builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);
        builder.Logging.AddPlatformLog(configuration).AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(30));

        var registry = new HandlerRegistry(worker.Assembly.GetTypes().Where(worker.Among));
        var host = HostIdentity.Of(worker.Name, worker.Name, configuration);
        builder.Services.AddDraining();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new MessageTypes(worker.Assembly));
        builder.Services.AddSingleton(registry);
        registry.Register(builder.Services);
        AddStorage(builder.Services, configuration, worker, registry);
        builder.Services.AddSingleton<Topology>();
        builder.Services.AddSingleton(p => new Broker(new Uri(configuration.Required("EDTECH_RABBITMQ")), worker.Name, p.GetRequiredService<ILogger<MessagePump>>()));
        builder.Services.AddSingleton(p => new Publisher(p.GetRequiredService<Broker>(), p.GetRequiredService<MessageTypes>(), p.GetRequiredService<Topology>(), p.GetRequiredService<ILogger<MessagePump>>()));
        builder.Services.AddSingleton(p => ActivatorUtilities.CreateInstance<EndpointRuntime>(p, worker, host));
        builder.Services.AddSingleton(p => new ServiceControl(configuration, host, p.GetRequiredService<MessageTypes>(), p.GetRequiredService<ILogger<ServiceControl>>()));
        builder.Services.AddSingleton<MessagePump>();
        builder.Services.AddSingleton<IMessageSession, WorkerSession>();
        builder.Services.AddHostedService(p => p.GetRequiredService<MessagePump>());
        builder.Services.AddHostedService<OutboxSweeper>();
        builder.Services.AddHostedService<ServiceControlReporter>();
        builder.Services.AddHttpClient();
        builder.Services.AddPlatformTelemetry(configuration, worker.Name);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolver = JsonTypeInfoResolver.Combine(
            [.. MessageTypes.JsonContextsOf([typeof(ICommand).Assembly, worker.Assembly]), new DefaultJsonTypeInfoResolver()]));
        foreach (var setup in worker.ServiceSetups)
        {
            setup(builder.Services);
        }

        StandardChecks.AddTo(builder.Services, configuration, worker);

        var app = builder.Build();
        var serviceKey = SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + configuration.Required("EDTECH_INTERNAL_KEY")));
        app.UseDraining();
        app.Use((context, next) => Guard(context, next, serviceKey, app.Logger));
        app.MapGet("/health/live", () => Results.Text("live"));
        app.MapGet("/health/ready", Ready);
        Outcomes.Map(app);
        foreach (var setup in worker.QuerySetups)
        {
            setup(app);
        }

        return app;
    }

    static void AddStorage(IServiceCollection services, IConfiguration configuration, Worker worker, HandlerRegistry registry)
    {
        if (worker is { BatchSize: > 1, Storage: not WorkerStorage.PostgreSql })
        {
            throw new InvalidOperationException($"{worker.Name} asks for batches of {worker.BatchSize}, but only PostgreSQL commits several messages together: leave BatchSize at 1.");
        }

        if (worker.HasTable)
        {
            services.AddSingleton<IAmazonDynamoDB>(_ => DynamoClient.From(configuration));
            services.AddSingleton(p => new DynamoTable(p.GetRequiredService<IAmazonDynamoDB>(), configuration.StorageName(worker.ShortName)));
            services.AddSingleton<DynamoTables>();
        }

        if (worker.Storage == WorkerStorage.None)
        {
            if (registry.InsideHandlers.FirstOrDefault() is { } inside)
            {
                throw new InvalidOperationException($"{worker.Name} keeps nothing (WithoutStorage), but {inside.Name} expects a transaction. Make it an IHandleOutsideCalls, or give the endpoint a storage.");
            }

            services.AddSingleton<IEndpointStorage>(p => new NoStorage(p.GetRequiredService<Publisher>(), p.GetRequiredService<TimeProvider>(), p.GetService<DynamoTables>()));
            return;
        }

        services.AddSingleton<ITransactionalSession, TransactionalSession>();
        if (worker.Storage == WorkerStorage.DynamoDb)
        {
            services.AddSingleton<IEndpointStorage>(p => ActivatorUtilities.CreateInstance<DynamoStorage>(p, worker));
            return;
        }

        var connectionString = new NpgsqlConnectionStringBuilder(configuration.Database(worker.ShortName))
        {
            ApplicationName = worker.Name,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            // The reset at each return to the pool is seven statements, more than a handler's own. So SET and advisory locks of a session must
            // not outlive their use: SET LOCAL, pg_advisory_xact_lock, or an unlock in a finally.
            NoResetOnClose = true,
        };
        // The default of 100 for each of ten workers would exhaust a server's connections; who sets another number means it.
        if (connectionString.MaxPoolSize == 100)
        {
            connectionString.MaxPoolSize = 40;
        }

        services.AddSingleton(_ =>
        {
            var source = new NpgsqlDataSourceBuilder(connectionString.ConnectionString) { Name = worker.Name }; // what metrics call it; else the connection string
            // What a sweeper or a timer does by itself every two seconds would be a trace each time.
            source.ConfigureTracing(t => t.ConfigureCommandFilter(_ => Activity.Current is not null).ConfigureBatchFilter(_ => Activity.Current is not null));
            return source.Build();
        });
        services.AddSingleton(p => new SchemaMigrator(p.GetRequiredService<NpgsqlDataSource>(), connectionString.ConnectionString, worker.Assembly, p.GetRequiredService<ILogger<SchemaMigrator>>()));
        services.AddSingleton<IEndpointStorage, PostgresStorage>();
    }

    /// <summary>Only callers with the platform's service key reach the internal API; whatever goes wrong behind it is said without its inside.</summary>
    static async Task Guard(HttpContext context, RequestDelegate next, byte[] serviceKey, ILogger logger)
    {
        if (context.Request.Path.StartsWithSegments("/internal", StringComparison.Ordinal)
            && !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString())), serviceKey))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        try
        {
            await next(context);
        }
        catch (RequestHashMismatchException) when (!context.Response.HasStarted)
        {
            await Results.Json(Outcomes.KeyReused, statusCode: StatusCodes.Status422UnprocessableEntity).ExecuteAsync(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode;
        }
        catch (NpgsqlException e) when (e is not PostgresException { IsTransient: false } && !context.Response.HasStarted)
        {
            logger.LogWarning("{Method} {Path} failed because the database is away: {Reason}", context.Request.Method, context.Request.Path, e.Message);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        catch (Exception e) when (e is DynamoUnavailableException or StorageConflictException && !context.Response.HasStarted)
        {
            logger.LogWarning("{Method} {Path} failed because the storage is away or too busy: {Reason}", context.Request.Method, context.Request.Path, e.Message);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
    }

    /// <summary>Without Kafka the queue is still worked on, so that the endpoint stays ready and only says it.</summary>
    static IResult ReadyOf(IServiceProvider services)
        => Results.Text(services.GetService<KafkaConnection>() is { IsReachable: false } ? "ready, but Kafka is not reachable: its streams wait" : "ready");

    static async Task<IResult> Ready(MessagePump pump, IEndpointStorage storage, Draining draining, IServiceProvider services, CancellationToken ct)
    {
        if (draining.IsDraining)
        {
            return Results.Text("Asked to stop: what is running is finished.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        if (!pump.IsConsuming)
        {
            return Results.Text("The queue is not consumed (yet).", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            await storage.Ping(ct);
            return ReadyOf(services);
        }
        catch (Exception e) when (storage.IsFailure(e))
        {
            return Results.Text("The storage does not answer.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}

/// <summary>Sends from a worker outside of any message, without the outbox: for work whose loss a repeat heals.</summary>
sealed class WorkerSession(EndpointRuntime runtime) : IMessageSession
{
    public Task Send(ICommand command, SendOptions? options = null, CancellationToken cancellationToken = default)
        => Publish(command, Delivery.ToAddress, EndpointNames.OwnerOf(command.GetType()), options, cancellationToken);

    public Task Publish(IEvent @event, CancellationToken cancellationToken = default)
        => Publish(@event, Delivery.ToSubscribers, MessageTypes.ExchangeOf(@event.GetType()), null, cancellationToken);

    public Task<object?> Request(ICommand command, RequestOptions options, CancellationToken cancellationToken = default)
        => throw new NotSupportedException("A worker has no reply queue of its own to wait on: send the command from a handler or a saga and handle its reply there.");

    Task Publish(object message, Delivery delivery, string destination, SendOptions? options, CancellationToken ct)
    {
        var now = runtime.Time.GetUtcNow();
        return runtime.Publisher.Publish(OutgoingMessage.Create(runtime.Types, runtime.Host, message, delivery, destination, null, now, options), now, ct);
    }
}
