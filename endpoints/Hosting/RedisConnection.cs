using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EdTech.Hosting;

/// <summary>
/// The Redis that programs share: caches, counts, fan-out to WebSockets. Everything kept there is also kept elsewhere or can be lost, so nobody waits
/// for it: while it is away, <see cref="Database"/> is null and each program goes on alone.
/// </summary>
public sealed class RedisConnection(IConfiguration configuration, IHostEnvironment host, ILogger<RedisConnection> log) : IHostedService, IAsyncDisposable
{
    IConnectionMultiplexer? _redis;
    int _away;

    /// <summary>Starts every key and channel, so that those of different installations on one server do not meet: <c>edtech:</c>.</summary>
    public string Prefix { get; } = $"{configuration["EDTECH_REDIS_PREFIX"] ?? configuration["EDTECH_DATABASE_PREFIX"] ?? "edtech"}:";

    /// <summary>Raised when Redis is back after an absence, in which publications were lost.</summary>
    public event EventHandler? Restored;

    /// <summary>Null while Redis is away.</summary>
    public IDatabase? Database => _redis is { IsConnected: true } redis ? redis.GetDatabase() : null;

    /// <summary>Publish and subscribe; null when there is no Redis at all. A subscription made while Redis is away takes effect when it is back.</summary>
    public ISubscriber? Subscriber => _redis?.GetSubscriber();

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration["EDTECH_REDIS"] is not { Length: > 0 } address)
        {
            log.LogWarning("EDTECH_REDIS is not set: this program caches, counts and delivers for itself alone.");
            return;
        }

        var options = Options(address);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 500;
        options.SyncTimeout = 500;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName = host.ApplicationName;
        _redis = await ConnectionMultiplexer.ConnectAsync(options);
        if (!_redis.IsConnected)
        {
            LogAway();
        }

        _redis.ConnectionFailed += (_, _) => LogAway();
        _redis.ConnectionRestored += (_, _) =>
        {
            if (Interlocked.Exchange(ref _away, 0) == 1)
            {
                log.LogInformation("Redis is back.");
                Restored?.Invoke(this, EventArgs.Empty);
            }
        };
    }

    /// <summary>Runs one exchange with Redis, or gives <paramref name="otherwise"/> when it is away or too slow.</summary>
    public async Task<T> Try<T>(Func<IDatabase, Task<T>> exchange, T otherwise)
    {
        if (Database is not { } database)
        {
            return otherwise;
        }

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
        if (Interlocked.Exchange(ref _away, 1) == 0)
        {
            log.LogWarning("Redis is away: this program caches, counts and delivers for itself alone until it is back.");
        }
    }

    static ConfigurationOptions Options(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss"))
        {
            return ConfigurationOptions.Parse(address);
        }

        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
        options.EndPoints.Add(uri.Host, uri.IsDefaultPort || uri.Port < 0 ? 6379 : uri.Port);
        if (uri.UserInfo.Split(':', 2) is [var user, var password])
        {
            options.User = user.Length > 0 ? Uri.UnescapeDataString(user) : null;
            options.Password = Uri.UnescapeDataString(password);
        }

        if (int.TryParse(uri.AbsolutePath.Trim('/'), CultureInfo.InvariantCulture, out var number))
        {
            options.DefaultDatabase = number;
        }

        return options;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }
}

/// <summary>Adds Redis to a host.</summary>
public static class RedisSetup
{
    /// <summary>Registers <see cref="RedisConnection"/>, which connects when the host starts.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services)
        => services.AddSingleton<RedisConnection>().AddHostedService(provider => provider.GetRequiredService<RedisConnection>());
}
