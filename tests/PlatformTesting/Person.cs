using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdTech.Testing;

namespace EdTech.PlatformTesting;

/// <summary>Somebody with an account, who uses the platform as any client does: by HTTP, with what the mails say.</summary>
public sealed partial class Person
{
    static readonly HttpClient Mail = new() { Timeout = TimeSpan.FromSeconds(10) };
    readonly PlatformUnderTest _platform;

    Person(PlatformUnderTest platform, string email, string password)
    {
        _platform = platform;
        Email = email;
        Password = password;
    }

    /// <summary>The address, unique to this person.</summary>
    public string Email { get; }

    /// <summary>The password.</summary>
    public string Password { get; }

    /// <summary>The account's id, once signed in.</summary>
    public Guid Id { get; private set; }

    /// <summary>The current access token.</summary>
    public string AccessToken { get; private set; } = "";

    /// <summary>The current refresh token.</summary>
    public string RefreshToken { get; private set; } = "";

    /// <summary>Registers, verifies the address by the mail that arrives, and signs in.</summary>
    public static async Task<Person> Register(PlatformUnderTest platform, bool tutor = false, string displayName = "Test Person")
    {
        var person = new Person(platform, $"p{Guid.NewGuid():N}@example.org", $"correct horse {Guid.NewGuid():N}");
        await person.Expect(202, HttpMethod.Post, "/v1/accounts", new { email = person.Email, password = person.Password, displayName });
        await person.Expect(null, HttpMethod.Post, "/v1/accounts/verify", new { token = await person.MailedToken() });
        await person.SignIn();
        if (tutor)
        {
            await person.Expect(200, HttpMethod.Post, "/v1/me/roles/tutor");
            await person.SignIn(); // The new role comes with the next token.
        }

        return person;
    }

    /// <summary>Signs in anew.</summary>
    public async Task SignIn()
    {
        AccessToken = "";
        var tokens = await Expect(null, HttpMethod.Post, "/v1/sessions", new { email = Email, password = Password });
        AccessToken = tokens["accessToken"]!.GetValue<string>();
        RefreshToken = tokens["refreshToken"]!.GetValue<string>();
        Id = tokens["accountId"]!.GetValue<Guid>();
    }

    /// <summary>The one-time token in the newest mail to this person that holds one.</summary>
    public async Task<string> MailedToken()
    {
        string? token = null;
        await WorkerUnderTest.Until(
            async () =>
            {
                var mails = JsonNode.Parse(await Mail.GetStringAsync(new Uri($"{Infrastructure.Setting("EDTECH_MAIL_WEB").TrimEnd('/')}/api/email?to.address={Uri.EscapeDataString(Email)}")))!;
                var list = mails as JsonArray ?? mails["emails"] as JsonArray ?? mails["items"] as JsonArray ?? [];
                token = list.Where(m => m!["to"]!.AsArray().Any(to => string.Equals(to!["address"]!.GetValue<string>(), Email, StringComparison.OrdinalIgnoreCase)))
                    .OrderByDescending(m => m!["time"]?.ToString(), StringComparer.Ordinal)
                    .Select(m => OneTimeToken().Match(m!["text"]?.GetValue<string>() ?? ""))
                    .FirstOrDefault(m => m.Success)?.Value;
                return token is not null;
            },
            $"a mail with a token has come to {Email}");
        return token!;
    }

    /// <summary>Sends a request with this person's token.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body = null, string? idempotencyKey = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (AccessToken.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web);
        }

        return await _platform.Http.SendAsync(request);
    }

    /// <summary>Sends a request that must be answered by this status (any 2xx when null) and returns the JSON.</summary>
    public async Task<JsonNode> Expect(int? status, HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        using var response = await Send(method, path, body, idempotencyKey);
        var text = await response.Content.ReadAsStringAsync();
        if (status is { } expected ? (int)response.StatusCode != expected : !response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path} was answered by {(int)response.StatusCode} instead of {status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "success"}: {text}");
        }

        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>GET that must succeed.</summary>
    public Task<JsonNode> Get(string path) => Expect(200, HttpMethod.Get, path);

    /// <summary>POST that must succeed.</summary>
    public Task<JsonNode> Post(string path, object? body = null, string? idempotencyKey = null) => Expect(null, HttpMethod.Post, path, body, idempotencyKey);

    [GeneratedRegex("(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{64}(?![A-Za-z0-9_-])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OneTimeToken();
}
