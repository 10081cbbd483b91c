using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(EdTech.Users.Tests.UsersFixture))]

namespace EdTech.Users.Tests;

/// <summary>The users endpoint, run for real, and an identity provider of our own beside it.</summary>
public sealed partial class UsersFixture : IAsyncLifetime
{
    public const string AdminEmail = "first.admin@school.example";
    public const string AdminPassword = "granite-tulip-93-orbit";

    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { TypeInfoResolver = UsersJson.Default };

    public WorkerUnderTest Worker { get; private set; } = null!;

    public LocalIssuer Issuer { get; private set; } = null!;

    internal UsersSecrets Secrets => Worker.Host.Services.GetRequiredService<UsersSecrets>();

    internal PasswordHasher Hasher => Worker.Host.Services.GetRequiredService<PasswordHasher>();

    public async ValueTask InitializeAsync()
    {
        Issuer = await LocalIssuer.Start();
        Worker = await WorkerUnderTest.Start(
            "users",
            UsersEndpoint.Build,
            ("EDTECH_ADMIN_EMAIL", AdminEmail),
            ("EDTECH_ADMIN_PASSWORD", AdminPassword),
            ("EDTECH_SOCIAL_GOOGLE_CLIENT_ID", "edtech-web,edtech-phone"),
            ("EDTECH_SOCIAL_GOOGLE_ISSUER", Issuer.Url),
            ("EDTECH_SOCIAL_GOOGLE_JWKS", $"{Issuer.Url}/keys"),
            ("EDTECH_SOCIAL_APPLE_CLIENT_ID", "edtech-web"),
            ("EDTECH_SOCIAL_APPLE_ISSUER", Issuer.Url),
            ("EDTECH_SOCIAL_APPLE_JWKS", $"{Issuer.Url}/nobody-is-here"));
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await Issuer.DisposeAsync();
    }

    /// <summary>Posts to the internal API from an address of its own, so that tests do not slow each other down.</summary>
    public async Task<Answer> Post(string path, object body, Guid? actor = null, string? address = null, string? messageId = null)
    {
        using var client = Worker.Api(actor is { } id ? new Actor(id, []) : null);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType(), options: Web) };
        request.Headers.Add("EdTech-Client-Address", address ?? NewAddress());
        request.Headers.Add("EdTech-Client-Agent", "Test browser 1.0");
        if (messageId is not null)
        {
            request.Headers.Add(Hosting.InternalApi.MessageIdHeader, messageId);
            request.Headers.Add(Hosting.InternalApi.RequestHashHeader, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Web))));
        }

        using var response = await client.SendAsync(request);
        return new((int)response.StatusCode, response.Headers.RetryAfter?.Delta, await response.Content.ReadAsStringAsync());
    }

    public async Task<Answer> Get(string path, Guid? actor = null, params string[] permissions)
    {
        using var client = Worker.Api(actor is { } id ? new Actor(id, permissions) : null);
        using var response = await client.GetAsync(path);
        return new((int)response.StatusCode, null, await response.Content.ReadAsStringAsync());
    }

    public static string NewAddress() => new IPAddress([10, .. Guid.NewGuid().ToByteArray().AsSpan(0, 3)]).ToString();

    public async Task<T?> Sql<T>(string sql, object? parameters = null)
    {
        await using var connection = await Worker.Db.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    public sealed record Answer(int Status, TimeSpan? RetryAfter, string Body)
    {
        public T As<T>() => Status < 300
            ? JsonSerializer.Deserialize<T>(Body, Web)!
            : throw new InvalidOperationException($"Expected a {typeof(T).Name}, got {Status}: {Body}");

        public string Code => JsonSerializer.Deserialize<Refused>(Body, Web)!.Code;
    }
}
