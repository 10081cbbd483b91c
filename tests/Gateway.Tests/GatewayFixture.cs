using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

[assembly: AssemblyFixture(typeof(EdTech.Gateway.Tests.GatewayFixture))]

namespace EdTech.Gateway.Tests;

/// <summary>The whole platform, run once for the assembly, and people of every role in it.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    public const string Password = "Kestrel-umbra-41-quartz";
    readonly List<WebApplication> _gateways = [];
    NpgsqlDataSource _users = null!;
    HttpClient _usersApi = null!;

    public PlatformUnderTest Platform { get; private set; } = null!;

    /// <summary>The HTTP document that the gateway serves.</summary>
    public ApiDocument Document { get; private set; } = null!;

    public HttpClient Http => Platform.Http;

    public async ValueTask InitializeAsync()
    {
        Platform = await PlatformUnderTest.Start(
            // All tests sign in from one address, some with wrong passwords on purpose.
            ("EDTECH_SIGN_IN_FAILURES_PER_ADDRESS", "1000000"));
        _users = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{Platform.Infrastructure.Prefix}_users" }.ConnectionString);
        _usersApi = new HttpClient { BaseAddress = new Uri(Setting("EDTECH_USERS_URL")) };
        _usersApi.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Infrastructure.Setting("EDTECH_INTERNAL_KEY"));
        Document = new ApiDocument(JsonNode.Parse(await Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.AsObject());
    }

    /// <summary>A new account with these roles, signed in. Its address is taken as verified: that way in is the users endpoint's to test.</summary>
    public async Task<Person> SignUp(params string[] roles)
    {
        var email = $"{Guid.NewGuid():N}@example.test";
        using var registered = await _usersApi.PostAsJsonAsync("/internal/users/accounts", new { email, password = Password, displayName = "Somebody" });
        registered.EnsureSuccessStatusCode();
        await using (var batch = _users.CreateBatch())
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("UPDATE users.account SET email_verified_at = now() WHERE email_normalised = $1") { Parameters = { new() { Value = email } } });
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                INSERT INTO users.role_grant (account_id, role, granted_at)
                SELECT account_id, unnest($2::text[]), now()
                FROM users.account
                WHERE email_normalised = $1
                ON CONFLICT DO NOTHING
                """)
            { Parameters = { new() { Value = email }, new() { Value = roles } } });
            await batch.ExecuteNonQueryAsync();
        }

        return await SignIn(email);
    }

    public async Task<Person> SignIn(string email)
    {
        using var response = await _usersApi.PostAsJsonAsync("/internal/users/sessions", new { email, password = Password });
        response.EnsureSuccessStatusCode();
        var tokens = (await response.Content.ReadFromJsonAsync<JsonElement>())!;
        return new Person(tokens.GetProperty("accountId").GetGuid(), tokens.GetProperty("sessionId").GetGuid(), email, tokens.GetProperty("accessToken").GetString()!);
    }

    /// <summary>Another gateway beside the first, with settings of its own. It lives as long as the assembly, because FastEndpoints remembers the last one started.</summary>
    public async Task<HttpClient> AnotherGateway(params (string Name, string Value)[] settings)
    {
        var url = $"http://127.0.0.1:{Infrastructure.FreePort()}";
        var gateway = GatewayApp.Build(
        [
            .. Platform.Args.Where(a => !a.StartsWith("--EDTECH_GATEWAY_URL", StringComparison.Ordinal)),
            $"--EDTECH_PUBLIC_URL={Platform.Url.ToString().TrimEnd('/')}",
            $"--EDTECH_INSTANCE={Guid.NewGuid():N}",
            $"--EDTECH_REDIS_PREFIX={Guid.NewGuid():N}",
            $"--EDTECH_GATEWAY_URL={url}",
            .. settings.Select(s => $"--{s.Name}={s.Value}"),
        ]);
        await gateway.StartAsync();
        lock (_gateways) _gateways.Add(gateway);
        return new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(60) };
    }

    public string Setting(string name) => Platform.Args.Single(a => a.StartsWith($"--{name}=", StringComparison.Ordinal))[(name.Length + 3)..];

    public T Service<T>()
        where T : notnull
        => Platform.Gateway.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.StopAsync();
            await gateway.DisposeAsync();
        }

        _usersApi.Dispose();
        await _users.DisposeAsync();
        await Platform.DisposeAsync();
    }
}

/// <summary>Somebody who is signed in.</summary>
public sealed record Person(Guid AccountId, Guid SessionId, string Email, string Token)
{
    public AuthenticationHeaderValue Authorization => new("Bearer", Token);
}
