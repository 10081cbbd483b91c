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
    /// <summary>How long a patient client goes on.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

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

    /// <summary>The instance of the platform whose gateway this person uses.</summary>
    public PlatformUnderTest Platform => _platform;

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

    /// <summary>The same as <see cref="Register"/> while servers die: each step is repeated until it is answered.</summary>
    public static async Task<Person> RegisterPatiently(PlatformUnderTest platform, bool tutor = false)
    {
        var person = new Person(platform, $"p{Guid.NewGuid():N}@example.org", $"correct horse {Guid.NewGuid():N}");
        await person.Insist(HttpMethod.Post, "/v1/accounts", new { email = person.Email, password = person.Password, displayName = "Test Person" }, "register", done: 202);
        string? token = null;
        for (var deadline = DateTime.UtcNow + Patience; (token = await person.NewestMailedToken()) is null; await Task.Delay(200))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"No mail with a token has come to {person.Email} in {Patience.TotalMinutes} minutes.");
            }
        }

        await person.Insist(HttpMethod.Post, "/v1/accounts/verify", new { token }, "verify");
        await person.SignInPatiently();
        if (tutor)
        {
            await person.Insist(HttpMethod.Post, "/v1/me/roles/tutor", key: "tutor");
            await person.SignInPatiently();
        }

        return person;
    }

    /// <summary>Signs in anew, however long it takes.</summary>
    public async Task SignInPatiently()
    {
        AccessToken = "";
        Take(await Insist(HttpMethod.Post, "/v1/sessions", new { email = Email, password = Password }));
    }

    /// <summary>Exchanges the refresh token for the next pair. When the answer to that was lost the session has ended, and another begins.</summary>
    public async Task Refresh()
    {
        try
        {
            using var response = await Send(HttpMethod.Post, "/v1/sessions/refresh", new { refreshToken = RefreshToken });
            if (response.IsSuccessStatusCode)
            {
                Take(JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
                return;
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            // Spent or not, nobody knows.
        }

        await SignInPatiently();
    }

    /// <summary>The same request under the same key until there is an answer that is one: what a patient client does while servers die.</summary>
    /// <param name="method">GET, POST, ...</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">The body, as JSON.</param>
    /// <param name="key">Idempotency key, made this person's own. A write without one may be done twice.</param>
    /// <param name="done">A status besides 200, 201 and 204 that is the answer.</param>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    /// <exception cref="TimeoutException">There is no answer.</exception>
    public async Task<JsonNode> Insist(HttpMethod method, string path, object? body = null, string? key = null, int done = 200)
    {
        var deadline = DateTime.UtcNow + Patience;
        for (var last = "nobody answers"; ; await Task.Delay(150))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"{method} {path} of {Email} has no answer after {Patience.TotalMinutes} minutes, but {last}");
            }

            try
            {
                using var response = await Send(method, path, body, key is null ? null : $"{key}-{Email[..Email.IndexOf('@', StringComparison.Ordinal)]}");
                var (status, text) = ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
                last = $"{status} {text}";
                if (status is 200 or 201 or 204 || status == done)
                {
                    if (method != HttpMethod.Get)
                    {
                        _platform.CountWrite();
                    }

                    return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
                }

                if (status >= 500)
                {
                    _platform.Failures.Enqueue($"{method} {path}: {last}");
                }

                if (status == 401 && AccessToken.Length > 0)
                {
                    await SignInPatiently(); // tokens live ten minutes
                }
                else if (status is not (202 or 409 or 425 or 429 or >= 500))
                {
                    // 202: accepted, not answered yet. 409: a payment is being opened, or the same key is being worked at.
                    throw new InvalidOperationException($"{method} {path} of {Email} was answered by {last}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                last = e.Message;
                _platform.Failures.Enqueue($"{method} {path}: {last}");
            }
        }
    }

    /// <summary>Signs in anew.</summary>
    public async Task SignIn()
    {
        AccessToken = "";
        Take(await Expect(null, HttpMethod.Post, "/v1/sessions", new { email = Email, password = Password }));
    }

    /// <summary>The one-time token in the newest mail to this person that holds one.</summary>
    public async Task<string> MailedToken()
    {
        string? token = null;
        await WorkerUnderTest.Until(async () => (token = await NewestMailedToken()) is not null, $"a mail with a token has come to {Email}");
        return token!;
    }

    async Task<string?> NewestMailedToken()
    {
        var mails = JsonNode.Parse(await Mail.GetStringAsync(new Uri($"{Infrastructure.Setting("EDTECH_MAIL_WEB").TrimEnd('/')}/api/email?to.address={Uri.EscapeDataString(Email)}")))!;
        var list = mails as JsonArray ?? mails["emails"] as JsonArray ?? mails["items"] as JsonArray ?? [];
        return list.Where(m => m!["to"]!.AsArray().Any(to => string.Equals(to!["address"]!.GetValue<string>(), Email, StringComparison.OrdinalIgnoreCase)))
            .OrderByDescending(m => m!["time"]?.ToString(), StringComparer.Ordinal)
            .Select(m => OneTimeToken().Match(m!["text"]?.GetValue<string>() ?? ""))
            .FirstOrDefault(m => m.Success)?.Value;
    }

    void Take(JsonNode tokens)
    {
        AccessToken = tokens["accessToken"]!.GetValue<string>();
        RefreshToken = tokens["refreshToken"]!.GetValue<string>();
        Id = tokens["accountId"]!.GetValue<Guid>();
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

    /// <summary>The ids of all items on all pages of a list.</summary>
    public async Task<List<Guid>> All(string path, string id)
    {
        var ids = new List<Guid>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Insist(HttpMethod.Get, $"{path}?limit=100{(cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            ids.AddRange(page["items"]!.AsArray().Select(c => c![id]!.GetValue<Guid>()));
            cursor = page["next"]?.GetValue<string>();
        }

        return ids;
    }

    /// <summary>POST that must succeed.</summary>
    public Task<JsonNode> Post(string path, object? body = null, string? idempotencyKey = null) => Expect(null, HttpMethod.Post, path, body, idempotencyKey);

    [GeneratedRegex("(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{64}(?![A-Za-z0-9_-])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OneTimeToken();
}
