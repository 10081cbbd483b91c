using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Npgsql;
using Shouldly;
using Tutor = EdTech.PlatformTesting.Person;

namespace EdTech.Gateway.Tests;

/// <summary>Workers that cannot get on, because a test holds their tables: in a platform of its own, so that nobody else waits.</summary>
public sealed class OverloadTests(OverloadTests.Own own) : IClassFixture<OverloadTests.Own>
{
    const int Asked = 2 * LoadLimit.PlacesAtFirst;

    [Fact]
    public async Task What_a_worker_cannot_take_is_a_503_at_once_and_its_repeat_under_the_same_key_is_done_once()
    {
        var tutor = await Tutor.Register(own.Platform, tutor: true);
        var keys = Enumerable.Range(0, Asked).Select(_ => Guid.NewGuid().ToString()).ToArray();
        var refused = new TaskCompletionSource();
        var refusals = 0;
        Task<HttpResponseMessage[]> answers;
        await using (await own.Hold("learning", "learning.course"))
        {
            answers = Task.WhenAll(keys.Select(async key =>
            {
                var answer = await Create(tutor, key, wait: 30);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && Interlocked.Increment(ref refusals) == Asked - LoadLimit.PlacesAtFirst) refused.SetResult();
                return answer;
            }));
            await refused.Task.WaitAsync(TimeSpan.FromSeconds(20)); // While the worker still cannot get on.

            using var live = await own.Platform.Http.GetAsync(new Uri("/health/live", UriKind.Relative));
            live.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var ready = await own.Platform.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            ready.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var elsewhere = await Send(tutor, HttpMethod.Get, "/v1/me", null);
            elsewhere.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var first = await answers;
        first.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBe(LoadLimit.PlacesAtFirst);
        foreach (var answer in first.Where(a => a.StatusCode != HttpStatusCode.Created))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("overloaded");
        }

        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = LoadLimit.FewestPlaces }, async (key, _) =>
        {
            using var again = await Create(tutor, key, wait: 30);
            again.StatusCode.ShouldBe(HttpStatusCode.Created);
        });
        (await own.Count("learning", $"SELECT count(*) FROM learning.course WHERE tutor_id = '{tutor.Id}'")).ShouldBe(Asked);
        Array.ForEach(first, a => a.Dispose());
    }

    [Fact]
    public async Task Nobody_has_to_stay_signed_in_because_others_ask_for_too_much()
    {
        var person = await Tutor.Register(own.Platform);
        await using (await own.Hold("users", "users.profile"))
        {
            var profile = new { displayName = "Somebody", locale = "en", timeZone = "Europe/Berlin" };
            var statuses = await Task.WhenAll(Enumerable.Range(0, Asked).Select(async _ =>
            {
                using var answer = await Send(person, HttpMethod.Put, "/v1/me/profile", profile, "respond-async");
                return answer.StatusCode;
            }));
            // Taken, though nobody waits for their outcome: they wait in the worker's queue.
            statuses.Count(s => s == HttpStatusCode.Accepted).ShouldBe(LoadLimit.PlacesAtFirst);
            statuses.Count(s => s == HttpStatusCode.ServiceUnavailable).ShouldBe(Asked - LoadLimit.PlacesAtFirst);

            using var signedOut = await Send(person, HttpMethod.Delete, "/v1/sessions/current", null, "respond-async");
            signedOut.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        await WorkerUnderTest.Until(
            async () =>
            {
                using var me = await Send(person, HttpMethod.Get, "/v1/me", null);
                return me.StatusCode == HttpStatusCode.Unauthorized;
            },
            "the sign-out has taken effect");
    }

    [Fact]
    public async Task Reads_of_a_worker_that_does_not_answer_are_turned_away_and_come_back()
    {
        var person = await Tutor.Register(own.Platform);
        var first = new TaskCompletionSource();
        Task<HttpStatusCode[]> answers;
        await using (await own.Hold("users", "users.session"))
        {
            answers = Task.WhenAll(Enumerable.Range(0, Asked).Select(async _ =>
            {
                using var answer = await Send(person, HttpMethod.Get, "/v1/sessions", null);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) first.TrySetResult();
                return answer.StatusCode;
            }));
            await first.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }

        (await answers).Distinct().ShouldBe([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], ignoreOrder: true);
        using var after = await Send(person, HttpMethod.Get, "/v1/sessions", null);
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_that_does_not_come_holds_no_connection()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(own.Platform.Url.Host, own.Platform.Url.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/sessions HTTP/1.1\r\nHost: {own.Platform.Url.Authority}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{"));

        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));

        answer.ShouldStartWith("HTTP/1.1 408 ");
    }

    Task<HttpResponseMessage> Create(Tutor tutor, string key, int wait)
        => Send(
            tutor,
            HttpMethod.Post,
            "/v1/courses",
            new { title = "A course", summary = "Of an overloaded day.", descriptionHtml = "<p>Much.</p>", language = "en", level = "beginner", subjects = new[] { "mathematics" }, prerequisites = Array.Empty<Guid>() },
            $"wait={wait}",
            key);

    async Task<HttpResponseMessage> Send(Tutor person, HttpMethod method, string path, object? body, string? prefer = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new("Bearer", person.AccessToken);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = JsonContent.Create(body);
        return await own.Platform.Http.SendAsync(request);
    }

    public sealed class Own : IAsyncLifetime
    {
        public PlatformUnderTest Platform { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Platform = await PlatformUnderTest.StartProcess();

        /// <summary>Nobody else gets at the table until this is disposed of.</summary>
        public async Task<IAsyncDisposable> Hold(string worker, string table)
        {
            var connection = await Open(worker);
            var transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand($"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE", connection, transaction);
            await hold.ExecuteNonQueryAsync();
            return connection;
        }

        public async Task<long> Count(string worker, string sql)
        {
            await using var connection = await Open(worker);
            await using var count = new NpgsqlCommand(sql, connection);
            return (long)(await count.ExecuteScalarAsync())!;
        }

        async Task<NpgsqlConnection> Open(string worker)
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{Platform.Infrastructure.Prefix}_{worker}", Pooling = false }.ConnectionString);
            await connection.OpenAsync();
            return connection;
        }

        public async ValueTask DisposeAsync() => await Platform.DisposeAsync();
    }
}
