using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Users;

namespace EdTech.Tools;

/// <summary>The platform refused, or did not answer as it should.</summary>
sealed class ApiException(HttpStatusCode status, string code, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    public string Code { get; } = code;
}

/// <summary>The public HTTP API as one person uses it. A write carries an idempotency key, so it can be sent again when its answer was lost.</summary>
sealed class PlatformClient(HttpClient http, Timings? timings = null)
{
    const int MaxTries = 8;
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(65);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    SessionTokens? _tokens;
    DateTimeOffset _expiresAt;

    public static HttpClient NewHttp(Uri gateway, int connections = 32)
        => new(new SocketsHttpHandler { MaxConnectionsPerServer = connections, PooledConnectionLifetime = TimeSpan.FromMinutes(2) }) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>As another person, over the same connections.</summary>
    public PlatformClient Another() => new(http, timings);

    // Accounts

    public Task Register(string email, string password, string displayName, CancellationToken ct)
        => Send<JsonElement?>("register", HttpMethod.Post, "/v1/accounts", new { email, password, displayName }, ct);

    public Task VerifyEmail(string token, CancellationToken ct) => Send<JsonElement?>("verify e-mail", HttpMethod.Post, "/v1/accounts/verify", new { token }, ct);

    public async Task SignIn(string email, string password, CancellationToken ct)
        => Keep(await Send<SessionTokens>("sign in", HttpMethod.Post, "/v1/sessions", new { email, password }, ct));

    public async Task BecomeTutor(CancellationToken ct)
    {
        await Send<JsonElement?>("become tutor", HttpMethod.Post, "/v1/me/roles/tutor", null, ct);
        await Refresh(ct);
    }

    // Authoring

    public Task<CourseImportView> Import(byte[] archive, CancellationToken ct)
        => SendContent<CourseImportView>("import", HttpMethod.Post, "/v1/imports", () =>
        {
            var form = new MultipartFormDataContent();
            var file = new ByteArrayContent(archive);
            file.Headers.ContentType = new MediaTypeHeaderValue("application/gzip");
            form.Add(file, "file", "course.tar.gz");
            return form;
        }, ct);

    public async Task<List<AuthoredCourse>> AuthoredCourses(CancellationToken ct) => await All<AuthoredCourse>("/v1/me/courses-authored", ct);

    public async Task<Guid> CreateCourse(CourseDetails details, CancellationToken ct) => (await Send<Done>("create course", HttpMethod.Post, "/v1/courses", details, ct)).Id;

    public async Task<Guid> AddSection(Guid courseId, string title, CancellationToken ct)
        => (await Send<Done>("add section", HttpMethod.Post, $"/v1/courses/{courseId}/sections", new { title }, ct)).Id;

    public async Task<Guid> AddLesson(Guid courseId, Guid sectionId, LessonDraft lesson, CancellationToken ct)
        => (await Send<Done>("add lesson", HttpMethod.Post, $"/v1/courses/{courseId}/sections/{sectionId}/lessons", lesson, ct)).Id;

    public Task Publish(Guid courseId, CancellationToken ct) => Send<JsonElement?>("publish", HttpMethod.Post, $"/v1/courses/{courseId}/publish", null, ct);

    public Task<CourseView> Course(Guid courseId, bool draft, CancellationToken ct) => Send<CourseView>("read course", HttpMethod.Get, $"/v1/courses/{courseId}{(draft ? "?version=draft" : "")}", null, ct);

    /// <summary>A lesson with the keys of its questions; only its course's tutor gets it.</summary>
    public Task<CourseLessonView> AuthoredLesson(Guid courseId, Guid lessonId, CancellationToken ct) => Send<CourseLessonView>("read lesson as tutor", HttpMethod.Get, $"/v1/courses/{courseId}/draft/lessons/{lessonId}", null, ct);

    public Task<List<PathSummary>> AuthoredPaths(CancellationToken ct) => All<PathSummary>("/v1/me/authored-paths", ct);

    public async Task<Guid> CreatePath(string title, string summary, IReadOnlyList<PathStep> steps, CancellationToken ct)
        => (await Send<Done>("create path", HttpMethod.Post, "/v1/paths", new { title, summary, steps }, ct)).Id;

    public Task PublishPath(Guid pathId, CancellationToken ct) => Send<JsonElement?>("publish path", HttpMethod.Post, $"/v1/paths/{pathId}/publish", null, ct);

    // Study

    public Task Enrol(Guid courseId, CancellationToken ct) => Send<JsonElement?>("enrol", HttpMethod.Post, $"/v1/courses/{courseId}/enrolment", null, ct);

    public Task<ProgressView> Progress(Guid courseId, CancellationToken ct) => Send<ProgressView>("read progress", HttpMethod.Get, $"/v1/courses/{courseId}/progress", null, ct);

    public Task<LessonView> Study(Guid courseId, Guid lessonId, CancellationToken ct) => Send<LessonView>("study lesson", HttpMethod.Get, $"/v1/courses/{courseId}/lessons/{lessonId}", null, ct);

    public Task CompleteLesson(Guid courseId, Guid lessonId, CancellationToken ct) => Send<JsonElement?>("complete lesson", HttpMethod.Post, $"/v1/courses/{courseId}/lessons/{lessonId}/complete", null, ct);

    public async Task<Guid> StartAttempt(Guid courseId, Guid lessonId, CancellationToken ct)
        => (await Send<Done>("start quiz", HttpMethod.Post, $"/v1/courses/{courseId}/lessons/{lessonId}/attempts", null, ct)).Id;

    public Task<AttemptView> Attempt(Guid attemptId, CancellationToken ct) => Send<AttemptView>("read quiz", HttpMethod.Get, $"/v1/attempts/{attemptId}", null, ct);

    public Task Submit(Guid attemptId, IReadOnlyList<QuestionAnswer> answers, CancellationToken ct) => Send<JsonElement?>("submit quiz", HttpMethod.Post, $"/v1/attempts/{attemptId}/submission", new { answers }, ct);

    /// <summary>As a stranger, by the certificate's public address.</summary>
    public Task<CertificateVerification> Verify(Guid certificateId, CancellationToken ct) => Another().Send<CertificateVerification>("verify certificate", HttpMethod.Get, $"/v1/certificates/{certificateId}/verify", null, ct);

    async Task<List<T>> All<T>(string path, CancellationToken ct)
    {
        List<T> all = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Send<Page<T>>("list", HttpMethod.Get, $"{path}?limit=100{(cursor.Length > 0 ? $"&cursor={Uri.EscapeDataString(cursor)}" : "")}", null, ct);
            all.AddRange(page.Items);
            cursor = page.Next;
        }

        return all;
    }

    async Task Refresh(CancellationToken ct)
    {
        var refreshToken = _tokens!.RefreshToken;
        _tokens = null;
        Keep(await Send<SessionTokens>("refresh", HttpMethod.Post, "/v1/sessions/refresh", new { refreshToken }, ct));
    }

    void Keep(SessionTokens tokens)
    {
        _tokens = tokens;
        _expiresAt = DateTimeOffset.UtcNow.AddSeconds(tokens.ExpiresIn - 60);
    }

    Task<T> Send<T>(string what, HttpMethod method, string path, object? body, CancellationToken ct)
        => SendContent<T>(what, method, path, () => body is null ? null : JsonContent.Create(body, body.GetType(), options: Json), ct);

    async Task<T> SendContent<T>(string what, HttpMethod method, string path, Func<HttpContent?> body, CancellationToken ct)
    {
        if (_tokens is not null && DateTimeOffset.UtcNow > _expiresAt) await Refresh(ct);
        var key = Guid.CreateVersion7().ToString();
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body() };
            if (_tokens is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.AccessToken);
            if (method != HttpMethod.Get)
            {
                request.Headers.Add("Idempotency-Key", key);
                request.Headers.Add("Prefer", "wait=30");
            }

            var started = Stopwatch.GetTimestamp();
            using var response = await http.SendAsync(request, ct);
            var text = await response.Content.ReadAsStringAsync(ct);
            timings?.Add(what, Stopwatch.GetElapsedTime(started), (int)response.StatusCode);
            var pending = response.StatusCode == HttpStatusCode.Accepted && response.Headers.Location?.ToString().Contains("/v1/operations/", StringComparison.Ordinal) == true;
            if (response.IsSuccessStatusCode && !pending)
                return text.Length == 0 ? default! : JsonSerializer.Deserialize<T>(text, Json)!;

            // Not yet, or not now: the same request under the same key, when the platform says so.
            if (attempt < MaxTries && (pending || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            {
                var wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
                await Task.Delay(wait < LongestWait ? wait : LongestWait, ct);
                continue;
            }

            throw Problem(what, response.StatusCode, text);
        }
    }

    static ApiException Problem(string what, HttpStatusCode status, string text)
    {
        var (code, detail) = ("", text.Length > 500 ? text[..500] : text);
        if (text.StartsWith('{'))
        {
            using var problem = JsonDocument.Parse(text);
            code = problem.RootElement.TryGetProperty("code", out var c) ? c.GetString() ?? "" : "";
            detail = problem.RootElement.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array ? errors.ToString()
                : problem.RootElement.TryGetProperty("detail", out var d) ? d.GetString() ?? "" : detail;
        }

        return new ApiException(status, code, $"{what}: {(int)status} {code} {detail}");
    }
}
