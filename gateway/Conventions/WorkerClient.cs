using System.Net.Http.Headers;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Hosting;
using FastEndpoints;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EdTech.Gateway;

/// <summary>Calls the workers' internal APIs on behalf of a caller. Their JSON passes through unchanged.</summary>
sealed class WorkerClient(IHttpClientFactory clients, AnswerCache cached, WorkerLoads loads, IOptions<JsonOptions> json, ILogger<WorkerClient> log)
{
    /// <summary>No view may be larger; a list has pages.</summary>
    const int MaxAnswerBytes = 8 * 1024 * 1024;

    /// <summary>Tells the worker from where the public request came: sign-in is limited by it and sessions show it.</summary>
    public const string ClientAddressHeader = "EdTech-Client-Address";

    /// <summary>The client's own <c>User-Agent</c>, shown in the list of sessions.</summary>
    public const string ClientAgentHeader = "EdTech-Client-Agent";

    /// <summary>Whether this exception of a call says that the worker is away, not that the program is wrong.</summary>
    public static bool MeansAway(Exception exception) => exception is HttpRequestException or ExecutionRejectedException or HttpIOException;

    public async Task ForwardAsync(HttpContext http, Actor actor, string worker, string path, Cache? cache, CancellationToken ct)
    {
        // A kept answer is everybody's: it is asked for as nobody.
        var answer = cache is null
            ? await ReadAsync(http, actor, worker, path, null, always: true, ct)
            : await cached.Get(worker, path, cache, () => ReadAsync(http, Actor.Anonymous, worker, path, null, always: false, ct));
        if (answer is null || http.ResponseStarted()) return;
        if (cache is not null) http.Response.Headers.CacheControl = "public, no-cache";
        await WriteAsync(http, answer.Status, answer);
    }

    /// <summary>The worker's answer, or null when a problem was written instead. What is in <paramref name="expected"/> is left to the caller.</summary>
    public Task<WorkerAnswer?> GetAsync(HttpContext http, Actor actor, string worker, string path, CancellationToken ct, int? expected = null)
        => ReadAsync(http, actor, worker, path, expected, always: false, ct);

    async Task<WorkerAnswer?> ReadAsync(HttpContext http, Actor actor, string worker, string path, int? expected, bool always, CancellationToken ct)
    {
        if (await loads.Take(http, loads.Reads(worker), always) is not { } place) return null;
        using (place)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            return await AskAsync(http, actor, worker, request, place, expected, ct);
        }
    }

    /// <summary>The worker's answer whatever its status, for those who answer no HTTP request.</summary>
    public async Task<WorkerAnswer> GetAsync(Actor actor, string worker, string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(null, actor, worker, request, ct);
    }

    public async Task PostAsync<TReply>(HttpContext http, Actor actor, RequestTerms terms, string worker, string path, object? body, int status, Func<TReply, string>? location, CancellationToken ct)
    {
        using var place = await loads.Take(http, loads.Writes(worker), always: true);
        if (place is null) return;
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

        var answer = await AskAsync(http, actor, worker, request, place, null, ct);
        if (answer is null) return;
        if (location is not null) http.Response.Headers.Location = location(JsonSerializer.Deserialize<TReply>(answer.Body.Span, json.Value.SerializerOptions)!);
        await WriteAsync(http, status, status == StatusCodes.Status204NoContent ? answer with { Body = default } : answer);
    }

    async Task<WorkerAnswer?> AskAsync(HttpContext http, Actor actor, string worker, HttpRequestMessage request, LoadLimit.Place place, int? expected, CancellationToken ct)
    {
        WorkerAnswer answer;
        try
        {
            answer = await SendAsync(http, actor, worker, request, ct);
            place.Answered();
        }
        catch (Exception exception) when (MeansAway(exception))
        {
            place.Answered();
            log.LogWarning("Worker {Worker} did not answer {Method} {Path}: {Reason}", worker, request.Method, http.Request.Path, exception.GetType().Name);
            await (exception is TimeoutRejectedException
                ? Problems.WriteAsync(http, StatusCodes.Status504GatewayTimeout, "worker.timeout", "The part of the platform that holds the answer took too long. Try again.")
                : Problems.WriteUnavailableAsync(http, "worker.unavailable", "The part of the platform that holds the answer is away for the moment. Try again."));
            return null;
        }

        if (answer.Status < 400 || answer.Status == expected) return answer;
        await WriteRefusalAsync(http, worker, answer);
        return null;
    }

    async Task<WorkerAnswer> SendAsync(HttpContext? http, Actor actor, string worker, HttpRequestMessage request, CancellationToken ct)
    {
        if (actor.Id != Guid.Empty)
        {
            request.Headers.Add(InternalApi.ActorHeader, actor.Id.ToString());
            request.Headers.Add(InternalApi.PermissionsHeader, string.Join(' ', actor.Permissions));
        }

        if (http?.Connection.RemoteIpAddress is { } address) request.Headers.Add(ClientAddressHeader, address.ToString());
        if (http?.Request.Headers.UserAgent is { Count: > 0 } agent) request.Headers.TryAddWithoutValidation(ClientAgentHeader, Printable(agent.ToString()));

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

        log.LogError("Worker {Worker} answered {Status} to {Method} {Path}", worker, answer.Status, http.Request.Method, http.Request.Path);
        await Problems.WriteUnavailableAsync(http, "worker.failed", "The part of the platform that holds the answer failed. Try again.");
    }

    /// <summary>The refusal that an answer is, or null.</summary>
    public static Refused? Refusal(WorkerAnswer answer)
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

    static async Task WriteAsync(HttpContext http, int status, WorkerAnswer answer)
    {
        http.MarkResponseStart();
        if (answer.ETag is { } tag)
        {
            http.Response.Headers.ETag = tag;
            if (HttpMethods.IsGet(http.Request.Method) && Matches(http.Request.GetTypedHeaders().IfNoneMatch, tag))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        http.Response.StatusCode = status;
        if (answer.Body.IsEmpty) return;
        http.Response.ContentType = answer.ContentType ?? "application/json; charset=utf-8";
        http.Response.ContentLength = answer.Body.Length;
        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    static bool Matches(IList<Microsoft.Net.Http.Headers.EntityTagHeaderValue> known, string tag)
        => known.Count > 0 && Microsoft.Net.Http.Headers.EntityTagHeaderValue.TryParse(tag, out var current)
            && known.Any(k => k.Compare(current, useStrongComparison: false) || k.Equals(Microsoft.Net.Http.Headers.EntityTagHeaderValue.Any));

    /// <summary>A header from outside becomes a header inside: nothing but printable ASCII, and not too much of it.</summary>
    static string Printable(string text)
        => string.Create(Math.Min(text.Length, 400), text, static (span, t) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = t[i] is >= ' ' and <= '~' ? t[i] : '?';
        });

    public static void Register(IServiceCollection services, IConfiguration configuration)
    {
        foreach (var worker in Workers.ShortNames)
        {
            var budget = new RetryBudget(10);
            services.AddHttpClient(worker, client =>
                {
                    client.BaseAddress = configuration.WorkerUrl(worker);
                    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", configuration.Required("EDTECH_INTERNAL_KEY"));
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
                    .AddTimeout(TimeSpan.FromSeconds(20))
                    .AddRetry(new HttpRetryStrategyOptions
                    {
                        MaxRetryAttempts = 2,
                        BackoffType = DelayBackoffType.Exponential,
                        Delay = TimeSpan.FromMilliseconds(100),
                        UseJitter = true,
                        ShouldHandle = retry =>
                        {
                            if (retry.AttemptNumber == 0) budget.Earn();
                            return ValueTask.FromResult(IsAway(retry.Outcome) && retry.Context.GetRequestMessage()?.Method == HttpMethod.Get && budget.TrySpend());
                        },
                    })
                    .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
                    {
                        SamplingDuration = TimeSpan.FromSeconds(10),
                        MinimumThroughput = 20,
                        FailureRatio = 0.5,
                        BreakDuration = TimeSpan.FromSeconds(2),
                        ShouldHandle = static call => ValueTask.FromResult(IsAway(call.Outcome)),
                    })
                    // A read is tried again; a write may wait for a password hash behind others.
                    .AddTimeout(new HttpTimeoutStrategyOptions
                    {
                        TimeoutGenerator = static call => ValueTask.FromResult(TimeSpan.FromSeconds(call.Context.GetRequestMessage()?.Method == HttpMethod.Get ? 6 : 18)),
                    }));
        }

        services.AddSingleton<WorkerClient>();
    }

    /// <summary>Away is the worker, or what it stands on; a bug in one answer must not close the door to all others.</summary>
    static bool IsAway(Outcome<HttpResponseMessage> outcome)
        => outcome.Exception is HttpRequestException or TimeoutRejectedException || outcome.Result?.StatusCode is System.Net.HttpStatusCode.BadGateway or System.Net.HttpStatusCode.ServiceUnavailable or System.Net.HttpStatusCode.GatewayTimeout;
}

/// <summary>The workers behind the gateway, by their short names.</summary>
static class Workers
{
    public static readonly string[] ShortNames = ["users", "learning", "payments", "communication", "analytics"];

    public static void AddWorkerClients(this IServiceCollection services, IConfiguration configuration) => WorkerClient.Register(services, configuration);
}
