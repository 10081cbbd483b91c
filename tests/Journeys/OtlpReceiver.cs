using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdTech.Journeys;

/// <summary>One span as it was exported. Ids are hexadecimal; <paramref name="Parent"/> is empty for a trace's first.</summary>
public sealed record ExportedSpan(string Trace, string Id, string Parent, string Name, int Kind, string Source, IReadOnlyDictionary<string, string> Tags);

/// <summary>Takes what a program exports by OTLP over HTTP, as a collector does, and reads the spans (opentelemetry-proto, trace.proto).</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly ConcurrentQueue<ExportedSpan> _spans = new();
    readonly ConcurrentQueue<string> _bodies = new();

    OtlpReceiver(WebApplication app, Uri url)
    {
        _app = app;
        Url = url;
    }

    /// <summary>What <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set to.</summary>
    public Uri Url { get; }

    /// <summary>All spans so far.</summary>
    public IReadOnlyCollection<ExportedSpan> Spans => _spans;

    /// <summary>All that was received, spans and metrics, as text in which strings can be found.</summary>
    public IReadOnlyCollection<string> Bodies => _bodies;

    public static async Task<OtlpReceiver> Start()
    {
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url.ToString());
        var receiver = new OtlpReceiver(builder.Build(), url);
        receiver._app.MapPost("/v1/{signal}", receiver.Receive);
        await receiver._app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    async Task<IResult> Receive(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        _bodies.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        if (signal == "traces")
        {
            foreach (var span in Read(body.ToArray())) _spans.Enqueue(span);
        }

        return Results.Bytes([], "application/x-protobuf");
    }

    static IEnumerable<ExportedSpan> Read(byte[] request)
        => from resource in Fields(request).Where(f => f.Number == 1)
           from scope in Fields(resource.Bytes).Where(f => f.Number == 2)
           let source = Fields(scope.Bytes).Where(f => f.Number == 1).SelectMany(f => Fields(f.Bytes)).Where(f => f.Number == 1).Select(f => f.Text).FirstOrDefault("")
           from span in Fields(scope.Bytes).Where(f => f.Number == 2)
           select Span(source, [.. Fields(span.Bytes)]);

    static ExportedSpan Span(string source, Field[] fields)
    {
        return new(Hex(1), Hex(2), Hex(4), fields.First(f => f.Number == 5).Text, (int)fields.FirstOrDefault(f => f.Number == 6).Value, source, Tags());

        string Hex(int number) => Convert.ToHexStringLower(fields.FirstOrDefault(f => f.Number == number).Bytes.Span);

        Dictionary<string, string> Tags() => fields.Where(f => f.Number == 9).Select(f => Fields(f.Bytes).ToArray()).ToDictionary(
            pair => pair.First(f => f.Number == 1).Text,
            pair => pair.Where(f => f.Number == 2).SelectMany(f => Fields(f.Bytes)).Select(v => v.Number == 1 ? v.Text : v.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault(""),
            StringComparer.Ordinal);
    }

    /// <summary>The fields of a message in protocol buffers' wire format.</summary>
    static IEnumerable<Field> Fields(ReadOnlyMemory<byte> message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var key = Varint(message.Span, ref at);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return new(number, default, Varint(message.Span, ref at));
                    break;
                case 1:
                    yield return new(number, default, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    yield return new(number, message.Slice(at, length), 0);
                    at += length;
                    break;
                case 5:
                    yield return new(number, default, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} at byte {at} is none of protocol buffers'.");
            }
        }
    }

    static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }

    readonly record struct Field(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)
    {
        public string Text => Encoding.UTF8.GetString(Bytes.Span);
    }
}
