using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EdTech.PlatformTesting;
using EdTech.Testing;

namespace EdTech.Bench;

/// <summary>A write over HTTP that is answered with its outcome: gateway, broker, handler with its transaction, reply; the platform in a process of its own.</summary>
static class HttpWrites
{
    const string Password = "Quiet rivers turn 7 old mills";

    public static async Task<Latencies> Measure(TimeSpan duration)
    {
        await using var platform = await PlatformUnderTest.StartProcess();
        var token = await SignUpTutor(platform);
        return await Latencies.AtRate(50, warmUp: 250, duration, _ => Create(platform, token));
    }

    /// <summary>By 32 callers that ask again as soon as they are answered, after twenty seconds of the same; the platform's processor time without the callers'.</summary>
    public static async Task<Rate> AsFastAsTheyGo(Ground ground, TimeSpan duration)
    {
        await using var platform = await PlatformUnderTest.StartProcess(("Logging:LogLevel:Default", "Warning"));
        var token = await SignUpTutor(platform);
        var (done, stop) = (0L, false);
        var callers = Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                await Create(platform, token);
                Interlocked.Increment(ref done);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(20));
        var (before, load, since) = (Volatile.Read(ref done), ground.StartLoad(platform.ProcessId), Stopwatch.GetTimestamp());
        await Task.Delay(duration);
        var rate = load.End(Volatile.Read(ref done) - before, Stopwatch.GetElapsedTime(since).TotalSeconds);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(callers);
        return rate;
    }

    static async Task Create(PlatformUnderTest platform, AuthenticationHeaderValue token)
    {
        using var request = CreateCourse();
        request.Headers.Authorization = token;
        using var response = await platform.Http.SendAsync(request);
        if (response.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException($"POST /v1/courses answered {(int)response.StatusCode}, not 201 with the outcome: {await response.Content.ReadAsStringAsync()}");
        }
    }

    public static HttpRequestMessage CreateCourse() => new(HttpMethod.Post, new Uri("/v1/courses", UriKind.Relative))
    {
        Content = JsonContent.Create(new
        {
            title = "A course of the bench",
            summary = "Learn to measure, at your own pace, with exercises and feedback.",
            descriptionHtml = "<p>What a course says of itself when it is created, of ordinary length, so that the body has some weight on its way.</p>",
            language = "en",
            level = "beginner",
            subjects = new[] { "mathematics", "physics" },
            prerequisites = Array.Empty<Guid>(),
        }),
    };

    /// <summary>Address and role are taken as given in the database: mail is not what is measured.</summary>
    public static async Task<AuthenticationHeaderValue> SignUpTutor(PlatformUnderTest platform)
    {
        using var users = new HttpClient { BaseAddress = new Uri(platform.Args.Single(a => a.StartsWith("--EDTECH_USERS_URL=", StringComparison.Ordinal)).Split('=', 2)[1]) };
        users.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Infrastructure.Setting("EDTECH_INTERNAL_KEY"));
        const string email = "tutor@bench.test";
        using var registered = await users.PostAsJsonAsync("/internal/users/accounts", new { email, password = Password, displayName = "Tutor" });
        registered.EnsureSuccessStatusCode();
        await SignIns.Verify($"{platform.Infrastructure.Prefix}_users", role: "tutor");
        using var session = await users.PostAsJsonAsync("/internal/users/sessions", new { email, password = Password });
        session.EnsureSuccessStatusCode();
        var tokens = await session.Content.ReadFromJsonAsync<JsonElement>();
        return new AuthenticationHeaderValue("Bearer", tokens.GetProperty("accessToken").GetString());
    }
}
