using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdTech.Hosting;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Tools;

/// <summary>The error queue by hand, for who has no ServicePulse: looks at failed messages and sends them back to where they failed.</summary>
static class ErrorsCommand
{
    const int Most = 10_000;
    const int SentTogether = 100;
    const int ShownOfAReason = 200;

    public static async Task<int> Run(Arguments arguments, CancellationToken ct)
    {
        var amqp = Environment.GetEnvironmentVariable("EDTECH_RABBITMQ") is { Length: > 0 } set ? set : throw new UsageException("EDTECH_RABBITMQ is not set: eval \"$(ops/stack env)\".");
        var action = arguments.Value("list, show, retry or export");
        if (action is not ("list" or "show" or "retry" or "export"))
        {
            throw new UsageException($"errors takes list, show, retry or export, not '{action}'.");
        }

        if (action == "retry" && arguments.Rest.Count == 0 && !arguments.Has("all") && !arguments.Has("endpoint") && !arguments.Has("type"))
        {
            throw new UsageException("Say which: errors retry ID …, --endpoint NAME, --type NAME, or --all.");
        }

        try
        {
            await using var queue = await ErrorQueue.Open(new Uri(amqp), ct);
            return action switch
            {
                "list" => await List(queue, arguments, ct),
                "show" => await Show(queue, arguments, ct),
                "retry" => await Retry(queue, arguments, ct),
                _ => await Export(queue, arguments, ct),
            };
        }
        catch (Exception e) when (e is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException)
        {
            throw new IOException($"The broker does not go along: {e.Message} Messages that were not sent are still in the error queue.", e);
        }
    }

    static async Task<int> List(ErrorQueue queue, Arguments arguments, CancellationToken ct)
    {
        var failed = await Read(queue, arguments, ct);
        foreach (var message in failed.Where(m => !m.IsConfirmation && Matches(m, arguments)).TakeLast(arguments.Number("last", 20)))
        {
            Console.WriteLine($"{message.Header(Headers.TimeOfFailure)}  {message.Id}  {message.Endpoint}  {message.Type}  {OneLine($"{message.Header(Headers.ExceptionType)}: {message.Header(Headers.ExceptionMessage)}")}");
        }

        if (failed.Count(m => m.IsConfirmation) is > 0 and var confirmations)
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{confirmations} confirmations of retries wait for ServiceControl as well."));
        }

        return 0;
    }

    static async Task<int> Show(ErrorQueue queue, Arguments arguments, CancellationToken ct)
    {
        var message = Known(await Read(queue, arguments, ct), arguments.Rest.Count == 1 ? arguments.Rest : throw new UsageException("errors show takes one ID."))[0];
        foreach (var (name, value) in message.Headers.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            Console.WriteLine($"{name}: {value}");
        }

        Console.WriteLine(arguments.Has("body") ? $"\n{message.Text}" : string.Create(CultureInfo.InvariantCulture, $"\n{message.Body.Length} bytes, which may hold personal data: --body shows them."));
        return 0;
    }

    static async Task<int> Retry(ErrorQueue queue, Arguments arguments, CancellationToken ct)
    {
        var failed = await Read(queue, arguments, ct);
        var wanted = (arguments.Rest.Count > 0 ? Known(failed, arguments.Rest) : failed).Where(m => !m.IsConfirmation && Matches(m, arguments)).ToList();
        var refused = 0;
        foreach (var some in wanted.Chunk(SentTogether))
        {
            foreach (var (message, reason) in await queue.SendBack(some, ct))
            {
                Console.WriteLine(reason is null ? $"{message.Id} → {message.Destination}" : $"{message.Id} stays: {OneLine(reason)}");
                refused += reason is null ? 0 : 1;
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{wanted.Count - refused} of {wanted.Count} sent back"));
        return refused == 0 ? 0 : 1;
    }

    static async Task<int> Export(ErrorQueue queue, Arguments arguments, CancellationToken ct)
    {
        var path = arguments.Rest.Count == 1 ? arguments.Rest[0] : throw new UsageException("errors export takes the FILE to write.");
        // Whole messages: for the eyes of the owner alone, and never over another file.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        var failed = (await Read(queue, arguments, ct)).Where(m => Matches(m, arguments)).ToList();
        foreach (var message in failed)
        {
            await file.WriteAsync(Line(message), ct);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{failed.Count} messages in {path}; they are still in the error queue."));
        return 0;
    }

    static async Task<IReadOnlyList<FailedMessage>> Read(ErrorQueue queue, Arguments arguments, CancellationToken ct)
    {
        var failed = await queue.Read(arguments.Number("most", Most), ct);
        if (queue.Length > failed.Count)
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"These are the oldest {failed.Count} of {queue.Length}: --most N reads further."));
        }

        if (queue.IsConsumed)
        {
            await Console.Error.WriteLineAsync("Somebody consumes the error queue, ServiceControl most likely: what it took is in ServicePulse, not here.");
        }

        return failed;
    }

    static List<FailedMessage> Known(IReadOnlyList<FailedMessage> failed, IReadOnlyList<string> ids)
    {
        var unknown = ids.Where(id => !failed.Any(m => m.Id == id)).ToArray();
        return unknown.Length == 0
            ? [.. failed.Where(m => ids.Contains(m.Id))]
            : throw new UsageException($"Not in the error queue: {string.Join(", ", unknown)}. Nothing was done. `ops/errors list` shows what is there; somebody else's `ops/errors` hides messages while it runs.");
    }

    static bool Matches(FailedMessage message, Arguments arguments)
        => (arguments.Optional("endpoint") is not { } endpoint || endpoint == message.Endpoint)
            && (arguments.Optional("type") is not { } type || message.Type == type || message.Type.EndsWith("." + type, StringComparison.Ordinal));

    static string OneLine(string text)
    {
        var line = new string([.. text.Take(ShownOfAReason).Select(c => char.IsControl(c) ? ' ' : c)]);
        return text.Length > ShownOfAReason ? line + " …" : line;
    }

    static byte[] Line(FailedMessage message)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("id", message.Id);
            json.WriteString("failedAt", message.Header(Headers.TimeOfFailure));
            json.WriteString("endpoint", message.Endpoint);
            json.WriteString("type", message.Type);
            json.WriteStartObject("headers");
            foreach (var (name, value) in message.Headers)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            if (message.Text is { } text)
            {
                json.WriteString("body", text);
            }
            else
            {
                json.WriteBase64String("bodyBase64", message.Body);
            }

            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }
}
