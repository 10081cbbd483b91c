using System.Net;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// The Redis that gateways share. Everything kept there is also kept in memory or can be lost, so nobody waits for it: while it is away,
/// <see cref="Database"/> is null and each gateway goes on alone.
/// </summary>
sealed class RedisConnection(IConfiguration configuration, ILogger<RedisConnection> log) : IHostedService, IAsyncDisposable
{
    IConnectionMultiplexer? _redis;
    int _away;

    /// <summary>Keys of different installations on one server do not meet.</summary>
    public string Prefix { get; } = $"{configuration["EDTECH_REDIS_PREFIX"] ?? configuration["EDTECH_DATABASE_PREFIX"] ?? "edtech"}:gateway:";

    /// <summary>Null while Redis is away.</summary>
    public IDatabase? Database => _redis is { IsConnected: true } redis ? redis.GetDatabase() : null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration["EDTECH_REDIS"] is not { Length: > 0 } address)
        {
            log.LogWarning("EDTECH_REDIS is not set: this gateway caches and counts for itself alone.");
            return;
        }

        var options = Options(address);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 500;
        options.SyncTimeout = 500;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName = GatewayApp.Name;
        _redis = await ConnectionMultiplexer.ConnectAsync(options);
        if (!_redis.IsConnected) LogAway();
        _redis.ConnectionFailed += (_, _) => LogAway();
        _redis.ConnectionRestored += (_, _) =>
        {
            if (Interlocked.Exchange(ref _away, 0) == 1) log.LogInformation("Redis is back.");
        };
    }

    /// <summary>Runs one exchange with Redis, or gives <paramref name="otherwise"/> when it is away or too slow.</summary>
    public async Task<T> Try<T>(Func<IDatabase, Task<T>> exchange, T otherwise)
    {
        if (Database is not { } database) return otherwise;
        try
        {
            return await exchange(database);
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException or TimeoutException)
        {
            LogAway();
            return otherwise;
        }
    }

    /// <summary>Once per absence.</summary>
    void LogAway()
    {
        if (Interlocked.Exchange(ref _away, 1) == 0) log.LogWarning("Redis is away: this gateway caches and counts for itself alone until it is back.");
    }

    static ConfigurationOptions Options(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss")) return ConfigurationOptions.Parse(address);
        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
        options.EndPoints.Add(uri.Host, uri.IsDefaultPort || uri.Port < 0 ? 6379 : uri.Port);
        if (uri.UserInfo.Split(':', 2) is [var user, var password])
        {
            options.User = user.Length > 0 ? Uri.UnescapeDataString(user) : null;
            options.Password = Uri.UnescapeDataString(password);
        }

        if (int.TryParse(uri.AbsolutePath.Trim('/'), System.Globalization.CultureInfo.InvariantCulture, out var number)) options.DefaultDatabase = number;
        return options;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
    }
}
