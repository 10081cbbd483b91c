using System.Globalization;
using EdTech.KafkaHost;

// Settings: --port (the broker's), --admin (the port of the HTTP interface below), both on 127.0.0.1.
var builder = WebApplication.CreateSlimBuilder(args);
var port = Port("port");
builder.WebHost.UseUrls($"http://127.0.0.1:{Port("admin")}");
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddSingleton(_ => new DevelopmentBroker(port));
var app = builder.Build();

var broker = app.Services.GetRequiredService<DevelopmentBroker>();
app.Logger.LogWarning(
    "Embedded development broker on 127.0.0.1:{Port} (librdkafka {Version}). It keeps NOTHING on disk: topics, records and offsets end with this process. "
    + "A partition holds 5 MiB or 100,000 batches, the oldest go first. For anything that must last use a real Kafka: ops/stack up --kafka HOST:PORT.",
    port, Librdkafka.Version);

app.MapGet("/health", () => Results.Text("ok"));
app.MapGet("/topics", (string? prefix) => broker.Topics.Where(t => t.Key.StartsWith(prefix ?? "", StringComparison.Ordinal)).OrderBy(t => t.Key, StringComparer.Ordinal).ToDictionary());
app.MapPost("/topics", (string? name, int? partitions) =>
{
    if (name is null || !IsTopicName(name))
    {
        return Results.BadRequest("name: 1 to 249 letters, digits, dots, underscores and hyphens (Kafka's rule for topics).");
    }

    if (partitions is not (>= 1 and <= 256))
    {
        return Results.BadRequest("partitions: 1 to 256.");
    }

    return broker.CreateTopic(name, partitions.Value) ? Results.Created($"/topics/{name}", null) : Results.NoContent();
});
app.MapDelete("/topics/{name}", (string name) => broker.DeleteTopic(name) ? Results.NoContent() : Results.NotFound($"There is no topic {name}."));
app.MapPost("/broker/down", () =>
{
    broker.GoDown();
    return Results.NoContent();
});
app.MapPost("/broker/up", () =>
{
    broker.ComeUp();
    return Results.NoContent();
});
await app.RunAsync();

int Port(string name) => int.TryParse(builder.Configuration[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 65_536
    ? value
    : throw new InvalidOperationException($"--{name} must be a port, 1 to 65535.");

static bool IsTopicName(string name) => name is { Length: >= 1 and <= 249 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
