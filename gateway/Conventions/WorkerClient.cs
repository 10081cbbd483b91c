using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Hosting;
using FastEndpoints;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EdTech.Gateway;

/// <summary>Calls the workers' internal APIs on behalf of a caller. Their JSON passes through unchanged.</summary>
sealed class WorkerClient(IHttpClientFactory clients, IOptions<JsonOptions> json, ILogger<WorkerClient> log)
{
    /// <summary>No view may be larger; a list has pages.</summary>
    const int MaxAnswerBytes = 8 * 1024 * 1024;

    /// <summary>Tells the worker from where the public request came: sign-in is limited by it and sessions show it.</summary>
    public const string ClientAddressHeader = "EdTech-Client-Address";

    /// <summary>The client's own <c>User-Agent</c>, shown in the list of sessions.</summary>
    public const string ClientAgentHeader = "EdTech-Client-Agent";

    public async Task ForwardAsync(HttpContext http, Actor actor, string worker, string path, Cache? cache, CancellationToken ct)
    {
        _ = cache;
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var answer = await AskAsync(http, actor, worker, request, ct);
        if (answer is null) return;
        if (answer.ETag is { } tag) http.Response.Headers.ETag = tag;
        await WriteAsync(http, answer.Status, answer.ContentType, answer.Body);
    }

    public async Task PostAsync<TReply>(HttpContext http, Actor actor, RequestTerms terms, string worker, string path, object? body, int status, Func<TReply, string>? location, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, body.GetType(), options: json.Value.SerializerOptions),
        };
        if (terms.Repeatable)
        {
            request.Headers.Add(InternalApi.MessageIdHeader, terms.MessageId);
            request.Headers.Add(InternalApi.RequestHashHeader, terms.RequestHash);
        }

        var answer = await AskAsync(http, actor, worker, request, ct);
        if (answer is null) return;
        if (location is not null) http.Response.Headers.Location = location(JsonSerializer.Deserialize<TReply>(answer.Body.Span, json.Value.SerializerOptions)!);
        if (answer.ETag is { } tag) http.Response.Headers.ETag = tag;
        await WriteAsync(http, status, answer.ContentType, status == StatusCodes.Status204NoContent ? default : answer.Body);
    }

    /// <summary>The worker's answer, or null when a problem was written instead.</summary>
    async Task<WorkerAnswer?> AskAsync(HttpContext http, Actor actor, string worker, HttpRequestMessage request, CancellationToken ct)
    {
        WorkerAnswer answer;
        try
        {
            answer = await SendAsync(http, actor, worker, request, ct);
        }
        catch (Exception exception) when (exception is HttpRequestException or BrokenCircuitException or TimeoutRejectedException)
        {
            log.LogWarning("Worker {Worker} did not answer {Path}: {Reason}", worker, request.RequestUri, exception.GetType().Name);
            await Problems.WriteUnavailableAsync(http, "worker.unavailable", "The part of the platform that holds the answer is away for the moment. Try again.");
            return null;
        }

        if (answer.Status < 400) return answer;
        await WriteRefusalAsync(http, worker, answer);
        return null;
    }

    async Task<WorkerAnswer> SendAsync(HttpContext http, Actor actor, string worker, HttpRequestMessage request, CancellationToken ct)
    {
        if (actor.Id != Guid.Empty)
        {
            request.Headers.Add(InternalApi.ActorHeader, actor.Id.ToString());
            request.Headers.Add(InternalApi.PermissionsHeader, string.Join(' ', actor.Permissions));
        }

        if (http.Connection.RemoteIpAddress is { } address) request.Headers.Add(ClientAddressHeader, address.ToString());
        if (http.Request.Headers.UserAgent is { Count: > 0 } agent) request.Headers.TryAddWithoutValidation(ClientAgentHeader, agent.ToString());

        using var client = clients.CreateClient(worker);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
        return new((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Headers.ETag?.ToString(),
            response.Headers.RetryAfter?.ToString(), await response.Content.ReadAsByteArrayAsync(ct));
    }

    async Task WriteRefusalAsync(HttpContext http, string worker, WorkerAnswer answer)
    {
        if (answer.RetryAfter is { } wait) http.Response.Headers.RetryAfter = wait;
        if (Refusal(answer) is { } refused)
        {
            await Problems.WriteAsync(http, refused, answer.Status);
            return;
        }

        if (answer.Status is 400 or 404 or 409 or 412 or 413 or 415 or 422 or 429)
        {
            http.Response.StatusCode = answer.Status;
            await Problems.WriteStatusAsync(http);
            return;
        }

        log.LogError("Worker {Worker} answered {Status} to {Path}", worker, answer.Status, http.Request.Path);
        await Problems.WriteUnavailableAsync(http, "worker.failed", "The part of the platform that holds the answer failed. Try again.");
    }

    static Refused? Refusal(WorkerAnswer answer)
    {
        if (answer.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) is not true) return null;
        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, GatewayJson.Default.Refused) is { Code: not null } refused ? refused : null;
        }
        catch (JsonException)
        {
            return null; // not a refusal: the status alone speaks
        }
    }

    static async Task WriteAsync(HttpContext http, int status, string? contentType, ReadOnlyMemory<byte> body)
    {
        http.MarkResponseStart();
        http.Response.StatusCode = status;
        if (body.IsEmpty) return;
        http.Response.ContentType = contentType ?? "application/json; charset=utf-8";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    sealed record WorkerAnswer(int Status, string? ContentType, string? ETag, string? RetryAfter, ReadOnlyMemory<byte> Body);

    public static void Register(IServiceCollection services, IConfiguration configuration)
    {
        var key = configuration["EDTECH_INTERNAL_KEY"];
        foreach (var worker in Workers.ShortNames)
        {
            services.AddHttpClient(worker, client =>
                {
                    client.BaseAddress = new(configuration[$"EDTECH_{worker.ToUpperInvariant()}_URL"]
                        ?? throw new InvalidOperationException($"EDTECH_{worker.ToUpperInvariant()}_URL is not set: the address of the internal API of worker {worker}, such as http://127.0.0.1:5101."));
                    client.DefaultRequestHeaders.Authorization = new("Bearer", key);
                    client.MaxResponseContentBufferSize = MaxAnswerBytes;
                    client.Timeout = Timeout.InfiniteTimeSpan; // the pipeline below has the time-outs
                })
                .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
                {
                    PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                    ConnectTimeout = TimeSpan.FromSeconds(2),
                    AllowAutoRedirect = false,
                    UseCookies = false,
                })
                .AddResilienceHandler("internal", pipeline => pipeline
                    .AddTimeout(TimeSpan.FromSeconds(15))
                    .AddRetry(new HttpRetryStrategyOptions
                    {
                        MaxRetryAttempts = 2,
                        BackoffType = DelayBackoffType.Exponential,
                        Delay = TimeSpan.FromMilliseconds(100),
                        UseJitter = true,
                        ShouldHandle = static retry => ValueTask.FromResult(HttpClientResiliencePredicates.IsTransient(retry.Outcome)
                            && retry.Context.GetRequestMessage()?.Method == HttpMethod.Get),
                    })
                    .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
                    {
                        SamplingDuration = TimeSpan.FromSeconds(10),
                        MinimumThroughput = 20,
                        FailureRatio = 0.5,
                        BreakDuration = TimeSpan.FromSeconds(2),
                    })
                    .AddTimeout(TimeSpan.FromSeconds(6)));
        }

        services.AddSingleton<WorkerClient>();
    }
}

/// <summary>The workers behind the gateway.</summary>
static class Workers
{
    public static readonly string[] ShortNames = ["users", "learning"];

    public static void AddWorkerClients(this IServiceCollection services, IConfiguration configuration) => WorkerClient.Register(services, configuration);
}
