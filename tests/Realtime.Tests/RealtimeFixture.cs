using System.Security.Cryptography;
using EdTech.Gateway;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

[assembly: AssemblyFixture(typeof(EdTech.Realtime.Tests.RealtimeFixture))]

namespace EdTech.Realtime.Tests;

/// <summary>Two gateways on real servers. Behind them are no workers but <see cref="StandInWorkers"/>, so that tests say what tokens and memberships there are, and for how long.</summary>
public sealed class RealtimeFixture : IAsyncLifetime
{
    readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly List<WebApplication> _gateways = [];

    public Infrastructure Infrastructure { get; private set; } = null!;

    internal StandInWorkers Workers { get; private set; } = null!;

    public Uri First { get; private set; } = null!;

    public Uri Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Infrastructure = await Infrastructure.Reserve();
        Workers = await StandInWorkers.Start(_key);
        First = await StartGateway();
        Second = await StartGateway();
    }

    public async Task<Uri> StartGateway(params (string Name, string Value)[] settings)
    {
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        var gateway = GatewayApp.Build(
        [
            .. Infrastructure.Args,
            $"--EDTECH_REDIS_PREFIX={Infrastructure.Prefix}",
            $"--EDTECH_INSTANCE={Guid.NewGuid():N}",
            $"--EDTECH_GATEWAY_URL={url.ToString().TrimEnd('/')}",
            "--EDTECH_PUBLIC_URL=https://edtech.example.test",
            .. new[] { "USERS", "LEARNING", "PAYMENTS", "COMMUNICATION", "ANALYTICS" }.Select(w => $"--EDTECH_{w}_URL={Workers.Url.ToString().TrimEnd('/')}"),
            .. settings.Select(s => $"--{s.Name}={s.Value}"),
        ]);
        await gateway.StartAsync();
        lock (_gateways) _gateways.Add(gateway);
        var fanOut = gateway.Services.GetRequiredService<FanOut>();
        await WorkerUnderTest.Until(() => fanOut.IsHealthy, "frames come over Redis");
        return url;
    }

    public T Service<T>(Uri? gateway = null)
        where T : notnull
    {
        lock (_gateways) return _gateways.Single(g => g.Urls.Contains((gateway ?? First).ToString().TrimEnd('/'))).Services.GetRequiredService<T>();
    }

    internal Somebody NewPerson() => new(Guid.CreateVersion7(), Guid.CreateVersion7());

    /// <summary>A token such as the users worker writes.</summary>
    internal string Token(Somebody person, TimeSpan? lifetime = null, DateTimeOffset? issuedAt = null)
    {
        var issued = issuedAt ?? DateTimeOffset.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "https://edtech.example.test",
            Audience = "edtech",
            IssuedAt = issued.UtcDateTime,
            Expires = (issued + (lifetime ?? TimeSpan.FromMinutes(10))).UtcDateTime,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(_key) { KeyId = "test" }, SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = person.AccountId.ToString(), ["sid"] = person.SessionId.ToString(), ["permissions"] = new[] { "learn" } },
        });
    }

    /// <summary>Connects somebody to a gateway and waits until the gateway listens for them.</summary>
    internal Task<ChatSocket> Connect(Somebody person, Uri? gateway = null) => ChatSocket.Connect(gateway ?? First, Token(person));

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.StopAsync();
            await gateway.DisposeAsync();
        }

        await Workers.DisposeAsync();
        await Infrastructure.DisposeAsync();
        _key.Dispose();
    }
}

/// <summary>Somebody with a session.</summary>
sealed record Somebody(Guid AccountId, Guid SessionId);
