using EdTech.Hosting;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.RateLimiting;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// So many requests a minute for each caller (the account, else the client's address), over all gateways as long as Redis is there. The window
/// slides: what was used of the minute before counts by the share of it that still lies within the last sixty seconds.
/// </summary>
sealed class RateLimits(RequestDelegate next, RedisConnection redis, IConfiguration configuration, TimeProvider time)
{
    /// <summary>The stricter policy of sign-in, registration and password reset: <c>Options(r => r.RequireRateLimiting(RateLimits.Credentials))</c>.</summary>
    public const string Credentials = "credentials";

    const string Default = "default";
    const int WindowSeconds = 60;
    const int MaxCallers = 100_000;

    const string Script =
        """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000
        local this = math.floor(now / window)
        local elapsed = now - this * window
        local kept = redis.call('HMGET', KEYS[1], 'window', 'count', 'before')
        local count, before = 0, 0
        if kept[1] then
            local passed = this - tonumber(kept[1])
            if passed == 0 then count, before = tonumber(kept[2]), tonumber(kept[3])
            elseif passed == 1 then before = tonumber(kept[2]) end
        end
        local used = count + before * (window - elapsed) / window
        local allowed = 0
        if used + 1 <= limit then
            allowed = 1
            used = used + 1
            redis.call('HSET', KEYS[1], 'window', this, 'count', count + 1, 'before', before)
            redis.call('PEXPIRE', KEYS[1], 2 * window)
        end
        return { allowed, math.floor(limit - used), math.ceil((window - elapsed) / 1000) }
        """;

    readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);
    readonly int _limit = Limit(configuration, "EDTECH_RATE_LIMIT", 600);
    readonly int _credentials = Limit(configuration, "EDTECH_RATE_LIMIT_CREDENTIALS", 20);

    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) || HttpMethods.IsOptions(http.Request.Method)
            || http.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
        {
            await next(http);
            return;
        }

        var caller = http.User.FindFirstValue("sub") ?? $"address {http.Connection.RemoteIpAddress}";
        var verdict = await Count(Default, _limit, caller);
        if (verdict.Allowed && http.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>() is { PolicyName: Credentials })
            verdict = await Count(Credentials, _credentials, caller);

        http.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{verdict.Policy}\";q={verdict.Limit};w={WindowSeconds}");
        http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{verdict.Policy}\";r={verdict.Remaining};t={verdict.Reset}");
        if (verdict.Allowed)
        {
            await next(http);
            return;
        }

        http.Response.Headers.RetryAfter = verdict.Reset.ToString(CultureInfo.InvariantCulture);
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        await Problems.WriteStatusAsync(http);
    }

    async Task<Verdict> Count(string policy, int limit, string caller)
    {
        var key = $"{policy}:{caller}";
        var shared = await redis.Try(async db => (RedisResult[]?)await db.ScriptEvaluateAsync(Script, [$"{redis.Prefix}gateway:rate:{key}"], [limit, WindowSeconds]), null);
        return shared is [var allowed, var remaining, var reset]
            ? new(policy, limit, (int)allowed == 1, Math.Max(0, (int)remaining), Math.Max(1, (int)reset))
            : CountHere(policy, limit, key);
    }

    /// <summary>The same count for this gateway alone, while Redis is away.</summary>
    Verdict CountHere(string policy, int limit, string key)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var index = now / (WindowSeconds * 1000);
        var elapsed = now - index * WindowSeconds * 1000;
        if (_windows.Count >= MaxCallers)
        {
            foreach (var (old, window) in _windows)
                if (window.Index < index - 1) _windows.TryRemove(old, out _);
            if (_windows.Count >= MaxCallers) _windows.Clear();
        }

        var counted = _windows.GetOrAdd(key, _ => new Window());
        lock (counted)
        {
            if (counted.Index != index)
            {
                counted.Before = counted.Index == index - 1 ? counted.Count : 0;
                counted.Count = 0;
                counted.Index = index;
            }

            var used = counted.Count + counted.Before * (1 - elapsed / (WindowSeconds * 1000.0));
            var allowed = used + 1 <= limit;
            if (allowed)
            {
                counted.Count++;
                used++;
            }

            return new(policy, limit, allowed, Math.Max(0, (int)(limit - used)), Math.Max(1, (int)Math.Ceiling(WindowSeconds - elapsed / 1000.0)));
        }
    }

    static int Limit(IConfiguration configuration, string name, int otherwise)
    {
        if (configuration[name] is not { Length: > 0 } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0
            ? limit
            : throw new InvalidOperationException($"{name} is '{text}', but must be a positive number of requests a minute.");
    }

    sealed record Verdict(string Policy, int Limit, bool Allowed, int Remaining, int Reset);

    sealed class Window
    {
        public long Index { get; set; }

        public long Count { get; set; }

        public long Before { get; set; }
    }
}
