using System.Globalization;
using System.Text;

namespace EdTech.Hosting;

/// <summary>What a failed message looks like on its way to a later retry or to the error queue.</summary>
static class Recoverability
{
    public const string ErrorQueue = "error";
    // Bytes of UTF-8: all headers share one AMQP frame of 128 KiB, and what is larger closes the connection.
    const int MaxMessage = 16_384;
    const int MaxStackTrace = 48_000;
    const int MaxData = 1_000;
    const int MaxDataEntries = 20;

    public static int DelayedAttempts(IReadOnlyDictionary<string, string> headers)
        => int.TryParse(headers.GetValueOrDefault(Headers.Retries), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;

    public static OutgoingMessage Delayed(IncomingMessage message, string address, TimeSpan delay, DateTimeOffset now)
    {
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal)
        {
            [Headers.Retries] = (DelayedAttempts(message.Headers) + 1).ToString(CultureInfo.InvariantCulture),
            [Headers.RetriesTimestamp] = WireTime.ToWire(now),
            [Headers.DeliverAt] = WireTime.ToWire(now + delay),
        };
        return new OutgoingMessage(Guid.CreateVersion7(now), Delivery.ToAddress, address, null, now + delay, headers, message.Body);
    }

    public static Dictionary<string, string> FailedHeaders(IncomingMessage message, HostIdentity host, Exception exception, DateTimeOffset now)
    {
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal);
        headers.Remove(Headers.Retries);
        headers.Remove("NServiceBus.FLRetries");
        headers[Headers.FailedQ] = host.Endpoint;
        headers[Headers.TimeOfFailure] = WireTime.ToWire(now);
        headers[Headers.ExceptionType] = exception.GetType().FullName ?? exception.GetType().Name;
        if (exception.InnerException is { } inner)
        {
            headers[Headers.InnerExceptionType] = inner.GetType().FullName ?? inner.GetType().Name;
        }

        headers[Headers.ExceptionMessage] = Cut(exception.Message, MaxMessage);
        if (exception.Source is { } source)
        {
            headers[Headers.ExceptionSource] = source;
        }

        if (exception.HelpLink is { } help)
        {
            headers[Headers.ExceptionHelpLink] = help;
        }

        headers[Headers.ExceptionStackTrace] = Cut(exception.ToString().ReplaceLineEndings("\n"), MaxStackTrace);
        foreach (var entry in exception.Data.Cast<System.Collections.DictionaryEntry>().TakeLast(MaxDataEntries))
        {
            if (entry is { Value: { } value, Key: string { Length: <= 100 } key })
            {
                headers[Headers.ExceptionDataPrefix + key] = Cut(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", MaxData);
            }
        }

        headers[Headers.ProcessingEndpoint] = host.Endpoint;
        headers[Headers.ProcessingMachine] = OutgoingMessage.Machine;
        headers[Headers.HostId] = host.HostIdN;
        headers[Headers.HostDisplayName] = host.DisplayName;
        return headers;
    }

    static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        Encoding.UTF8.GetEncoder().Convert(text, new byte[maxBytes], flush: false, out var characters, out _, out _);
        return text[..characters];
    }
}
