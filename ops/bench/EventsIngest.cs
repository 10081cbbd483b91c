using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdTech.Bench;

/// <summary>
/// Behaviour events through POST /v1/events (each judged against its schema, awaited at Kafka), against a bare Kestrel endpoint that appends as many
/// records of the same size to Kafka and awaits them, without reading what it was sent. The storing worker runs beside the first, as in life.
/// </summary>
static class EventsIngest
{
    const int PerBatch = 100;
    const int Clients = 8;

    /// <param name="Platform">Events a second.</param>
    /// <param name="Bare">Records a second.</param>
    public sealed record Result(Rate Platform, Rate Bare);

    public static async Task<Result> Measure(Ground ground, TimeSpan duration)
    {
        var topic = $"{ground.Infrastructure.Prefix}.bare";
        await using var child = Child.Start("kestrel-kafka");
        if (ground.Infrastructure.KafkaAdmin is { } admin)
        {
            using var http = new HttpClient();
            using var made = await http.PostAsync(new Uri($"{admin}/topics?name={topic}&partitions=12"), null);
        }

        var url = await child.Tell($"http://127.0.0.1:{Infrastructure.FreePort()} {topic}");
        var bare = await Load(ground, child.Id, new Uri($"{url}/events"), duration);
        await using var platform = await PlatformUnderTest.StartProcess(("Logging:LogLevel:Default", "Warning"));
        return new Result(await Load(ground, Environment.ProcessId, new Uri(platform.Url, "/v1/events"), duration), bare);
    }

    static async Task<Rate> Load(Ground ground, int program, Uri url, TimeSpan duration)
    {
        using var http = new HttpClient();
        var (done, stop) = (0L, false);
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                using var content = new StringContent(Batch(), Encoding.UTF8, "application/json");
                using var response = await http.PostAsync(url, content);
                if (!response.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException($"{url} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
                }

                Interlocked.Add(ref done, PerBatch);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(2)); // Warm-up.
        var load = ground.StartLoad(program);
        var (before, since) = (Volatile.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(duration);
        var rate = load.End(Volatile.Read(ref done) - before, Stopwatch.GetElapsedTime(since).TotalSeconds);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(clients);
        return rate;
    }

    static string Batch()
    {
        var at = DateTimeOffset.UtcNow.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        var events = Enumerable.Range(0, PerBatch).Select(i => $$$"""{"eventId":"{{{Guid.CreateVersion7()}}}","type":"video.paused","at":"{{{at}}}","page":"https://learn.example/courses/biology","data":{"lessonId":"{{{Guid.CreateVersion7()}}}","positionSeconds":{{{i}}},"watchedSeconds":12.5}}""");
        return $$"""{"anonymousId":"{{Guid.CreateVersion7()}}","sessionId":"{{Guid.CreateVersion7()}}","app":"web 1.4.0","sentAt":"{{at}}","events":[{{string.Join(',', events)}}]}""";
    }

    /// <summary>The child's side.</summary>
    public static async Task RunBare()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA"), EnableIdempotence = true, Acks = Acks.All, LingerMs = 5, CompressionType = CompressionType.Lz4 }).Build();
        var topic = "";
        var body = new byte[420];
        app.MapPost("/events", async (HttpContext http) =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            await Task.WhenAll(Enumerable.Range(0, PerBatch).Select(i => producer.ProduceAsync(topic, new Message<string, byte[]> { Key = $"{i}", Value = body })));
            return TypedResults.Ok();
        });
        await Child.Serve(Listen, () => 0);
        await app.StopAsync();

        async Task<string> Listen(string[] order)
        {
            topic = order[1];
            app.Urls.Add(order[0]);
            await app.StartAsync();
            return order[0];
        }
    }
}
