using System.Diagnostics;
using System.Net.Http.Json;
using EdTech.Contracts.Bench;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdTech.Bench;

/// <summary>What HTTP can do here: a minimal API in a process of its own, loaded by HttpClient from this one (no tool that would have to be installed).</summary>
static class KestrelLimit
{
    const int Connections = 32;

    public sealed record Result(Rate Get, Rate Post, Latencies PostAt50);

    public static async Task<Result> Measure(Ground ground, TimeSpan duration)
    {
        await using var child = Child.Start("kestrel");
        using var http = new HttpClient { BaseAddress = new Uri(await child.Tell($"http://127.0.0.1:{Infrastructure.FreePort()}")) };
        var answer = new Uri("/answers/1", UriKind.Relative);
        var answers = new Uri("/answers", UriKind.Relative);
        Task Get(int i) => http.GetByteArrayAsync(answer);
        async Task Post(int i)
        {
            using var content = JsonContent.Create(Sample(), BenchJson.Default.RecordAnswer);
            using var response = await http.PostAsync(answers, content);
            response.EnsureSuccessStatusCode();
        }

        var get = await Load(ground, child, duration, Get);
        var post = await Load(ground, child, duration, Post);
        return new Result(get, post, await Latencies.AtRate(50, 50, TimeSpan.FromSeconds(3), Post));
    }

    static async Task<Rate> Load(Ground ground, Child child, TimeSpan duration, Func<int, Task> act)
    {
        var done = 0L;
        var stop = false;
        var clients = Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                await act(0);
                Interlocked.Increment(ref done);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1)); // Warm-up.
        var load = ground.StartLoad(child.Id);
        var (before, since) = (Volatile.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(duration);
        var rate = load.End(Volatile.Read(ref done) - before, Stopwatch.GetElapsedTime(since).TotalSeconds);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(clients);
        return rate;
    }

    static RecordAnswer Sample() => new(Guid.CreateVersion7(), Guid.NewGuid(), Guid.NewGuid(), 5, BenchEndpoint.Body);

    /// <summary>The child's side.</summary>
    public static async Task Run()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, BenchJson.Default));
        await using var app = builder.Build();
        var sample = Sample();
        app.MapGet("/answers/{id}", (string id) => TypedResults.Ok(sample));
        app.MapPost("/answers", (RecordAnswer answer) => TypedResults.Created($"/answers/{answer.AnswerId}", answer));
        await Child.Serve(Listen, () => 0);
        await app.StopAsync();

        async Task<string> Listen(string[] order)
        {
            app.Urls.Add(order[0]);
            await app.StartAsync();
            return order[0];
        }
    }
}
