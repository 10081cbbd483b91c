using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>The checks that every endpoint makes of what it stands on, as far as it stands on it.</summary>
static class StandardChecks
{
    const long LeastDisk = 1L << 30;
    const long MostLag = 10_000;
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    static readonly TimeSpan CertificateNotice = TimeSpan.FromDays(14);

    public static void AddTo(IServiceCollection services, IConfiguration configuration, Worker worker)
    {
        if (worker.Storage != WorkerStorage.None || worker.HasTable)
        {
            Add("Storage answers", "Servers", async (provider, ct) =>
            {
                await provider.GetRequiredService<IEndpointStorage>().Ping(ct);
                return null;
            });
        }

        if (services.Any(s => s.ServiceType == typeof(RedisConnection)))
        {
            Add("Redis answers", "Servers", async (provider, _) =>
            {
                if (provider.GetRequiredService<RedisConnection>().Database is not { } redis)
                {
                    return "Redis is away, or EDTECH_REDIS is not set.";
                }

                await redis.PingAsync();
                return null;
            });
        }

        if (services.Any(s => s.ServiceType == typeof(KafkaConnection)))
        {
            Add("Kafka answers", "Servers", (provider, _) => Task.FromResult(provider.GetRequiredService<KafkaConnection>().IsReachable ? null : "No Kafka broker has answered for 20 s: the streams wait."));
        }

        Add("Queue is worked off", "Bus", async (provider, ct) =>
        {
            var connection = await provider.GetRequiredService<Broker>().Connection("Administration", ct);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
            var waiting = (await channel.QueueDeclarePassiveAsync(worker.Name, ct)).MessageCount;
            return waiting > worker.QueueLagLimit ? $"{waiting} messages wait in {worker.Name}, more than {worker.QueueLagLimit}." : null;
        });
        Add("Disk has room", "Machine", (_, _) =>
        {
            var free = new DriveInfo(AppContext.BaseDirectory).AvailableFreeSpace;
            return Task.FromResult(free < LeastDisk ? $"{free >> 20} MiB are left on the disk of {OutgoingMessage.Machine}." : null);
        });
        if (Certificates(configuration, worker) is { Length: > 0 } files)
        {
            Add("Certificates are valid", "Machine", (provider, _) => Task.FromResult(files.Select(f => Expiry(f, provider.GetRequiredService<TimeProvider>().GetUtcNow())).FirstOrDefault(r => r is not null)));
        }

        void Add(string id, string category, Func<IServiceProvider, CancellationToken, Task<string?>> failureOf) => services.AddSingleton(new CustomCheck(id, category, Interval, failureOf));
    }

    /// <summary>Whether a stream worker's group keeps up.</summary>
    public static CustomCheck Lag(string group)
    {
        StreamTelemetry.LagIsChecked = true;
        return new($"{group} keeps up", "Streams", Interval, (_, _) => Task.FromResult(StreamTelemetry.Behind(group) is > MostLag and var behind ? $"{group} is {behind} records behind, more than {MostLag}." : null));
    }

    /// <summary>The files that settings name.</summary>
    static string[] Certificates(IConfiguration configuration, Worker worker)
    {
        var named = new List<string?>();
        if (worker.Storage == WorkerStorage.PostgreSql)
        {
            var database = new NpgsqlConnectionStringBuilder(configuration.Database(worker.ShortName));
            named.AddRange([database.SslCertificate, database.RootCertificate]);
        }

        named.AddRange((configuration["EDTECH_KAFKA_OPTIONS"] ?? "").Split(';').Select(o => o.Split('=', 2)).Where(o => o is ["ssl.certificate.location" or "ssl.ca.location", _]).Select(o => o[1]));
        named.Add(configuration["Kestrel:Certificates:Default:Path"]);
        return [.. named.OfType<string>().Where(f => f.Length > 0)];
    }

    static string? Expiry(string file, DateTimeOffset now)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        return certificate.NotAfter.ToUniversalTime() < now.UtcDateTime + CertificateNotice ? $"The certificate {Path.GetFileName(file)} ends at {certificate.NotAfter.ToUniversalTime():u}." : null;
    }
}
