using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Npgsql;

namespace EdTech.Bench;

/// <summary>
/// More requests than the platform can answer, at fixed times whether or not earlier ones have been answered; each is timed from when it was due, so a
/// stall counts for all that were due in it. Load, platform and servers share the machine: what is turned away costs those who are served.
/// </summary>
static class Overload
{
    public const string Write = "create a course";
    static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Phase = TimeSpan.FromSeconds(10);

    /// <param name="Times">Of the capacity.</param>
    /// <param name="Accepted">A second.</param>
    /// <param name="Shed">A second.</param>
    /// <param name="Latencies">Of the accepted.</param>
    public sealed record Stage(double Times, double Accepted, double Shed, Latencies Latencies);

    /// <param name="Operation">What was asked for.</param>
    /// <param name="Capacity">Answers a second to callers that wait for each.</param>
    /// <param name="Stages">One after the other.</param>
    /// <param name="Recovery">From the end of the last stage until three seconds in a row are calm: nobody is turned away, and the p99 of each is at most twice that of a calm time, or 100 ms.</param>
    /// <param name="Disturbed">How many of the twenty seconds after the last stage were not calm: a checkpoint of the database disturbs one as well.</param>
    public sealed record Result(string Operation, double Capacity, IReadOnlyList<Stage> Stages, TimeSpan Recovery, int Disturbed);

    readonly record struct Answer(double DueSeconds, double Milliseconds, bool Accepted);

    public static async Task<IReadOnlyList<Result>> Measure(string rowsFile)
    {
        await using var platform = await PlatformUnderTest.StartProcess(("Logging:LogLevel:Default", "Warning"));
        await using (var learning = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{platform.Infrastructure.Prefix}_learning" }.ConnectionString))
        {
            await CatalogueSearch.Generate(learning, rowsFile);
        }

        var token = await HttpWrites.SignUpTutor(platform);
        var searches = 0;
        // As many as a load balancer keeps. Who waits for one of them is timed as well.
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1_000 }) { BaseAddress = platform.Url };
        return
        [
            await Measure(Write, () => Ask(http, token, HttpWrites.CreateCourse)),
            // Each another one, which no cache can answer.
            await Measure("search the catalogue", () => Ask(http, token, () => Search(Interlocked.Increment(ref searches)))),
        ];
    }

    static HttpRequestMessage Search(int i) => new(HttpMethod.Get, new Uri($"/v1/catalogue?{CatalogueSearch.Query(i)}&currency=EUR&maxPrice={1_000_000 + i}", UriKind.Relative));

    static async Task<Result> Measure(string operation, Func<Task<bool>> ask)
    {
        await Capacity(ask, Calm); // Warm-up.
        var capacity = await Capacity(ask, Phase);
        var calm = new Latencies((await AtRate(capacity / 2, Calm, ask)).Select(a => a.Milliseconds));
        var stages = new List<Stage>();
        foreach (var times in new[] { 1d, 2, 5 })
        {
            var answers = await AtRate(times * capacity, Phase, ask);
            var accepted = answers.Where(a => a.Accepted).ToArray();
            stages.Add(new Stage(times, accepted.Length / Phase.TotalSeconds, (answers.Length - accepted.Length) / Phase.TotalSeconds, new Latencies(accepted.Select(a => a.Milliseconds))));
        }

        var after = await AtRate(capacity / 2, 2 * Phase, ask);
        var disturbed = after.GroupBy(a => (int)a.DueSeconds).Where(second => second.Any(a => !a.Accepted) || new Latencies(second.Select(a => a.Milliseconds)).P99 > Math.Max(100, 2 * calm.P99)).Select(second => second.Key).ToHashSet();
        var seconds = (int)(2 * Phase).TotalSeconds;
        var recovered = Enumerable.Range(0, seconds - 2).Where(s => Enumerable.Range(s, 3).All(t => !disturbed.Contains(t))).DefaultIfEmpty(seconds).First();
        return new Result(operation, capacity, stages, TimeSpan.FromSeconds(recovered), disturbed.Count);
    }

    /// <summary>What callers get done that ask again as soon as they are answered.</summary>
    static async Task<double> Capacity(Func<Task<bool>> ask, TimeSpan duration)
    {
        var since = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            var done = 0;
            while (Stopwatch.GetElapsedTime(since) < duration)
            {
                if (await ask())
                {
                    done++;
                }
            }

            return done;
        })));
        return done.Sum() / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    static async Task<Answer[]> AtRate(double perSecond, TimeSpan duration, Func<Task<bool>> ask)
    {
        var running = new Task<Answer>[(int)(perSecond * duration.TotalSeconds)];
        // A thread of its own: when the pool is busy with answers, the next request is due all the same.
        var started = new TaskCompletionSource();
        var pace = new Thread(() =>
        {
            var since = Stopwatch.GetTimestamp();
            for (var i = 0; i < running.Length; i++)
            {
                var due = i / perSecond;
                while (Stopwatch.GetElapsedTime(since).TotalSeconds < due)
                {
                    Thread.Sleep(1);
                }

                running[i] = Timed(since, due, ask);
            }

            started.SetResult();
        });
        pace.Start();
        await started.Task;
        return await Task.WhenAll(running);
    }

    static async Task<Answer> Timed(long since, double due, Func<Task<bool>> ask)
    {
        var accepted = await ask();
        return new Answer(due, 1_000 * (Stopwatch.GetElapsedTime(since).TotalSeconds - due), accepted);
    }

    /// <returns>False when it was turned away.</returns>
    static async Task<bool> Ask(HttpClient http, AuthenticationHeaderValue token, Func<HttpRequestMessage> make)
    {
        using var request = make();
        request.Headers.Authorization = token;
        using var response = await http.SendAsync(request);
        return response.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.Created => true,
            HttpStatusCode.ServiceUnavailable when response.Headers.RetryAfter is not null => false,
            _ => throw new InvalidOperationException($"{request.Method} {request.RequestUri} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}"),
        };
    }
}
