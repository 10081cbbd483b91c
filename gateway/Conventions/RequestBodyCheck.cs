using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FastEndpoints;
using Microsoft.AspNetCore.Http.Features;

namespace EdTech.Gateway;

/// <summary>
/// Looks at a request before it is bound, for all operations alike: what is not JSON, nests too deep or holds text that PostgreSQL cannot store
/// (the NUL character, half a surrogate pair) ends here. Leaves the body's hash behind, by which a repeat under the same idempotency key is told
/// from another request.
/// </summary>
sealed class RequestBodyCheck(RequestDelegate next)
{
    public const int MaxDepth = 32;
    const int MaxBytes = 1024 * 1024;
    const string Unstorable = "unstorable_text";

    static readonly object HashKey = new();
    static readonly ConcurrentDictionary<Type, bool> ReadsBody = new();

    public async Task InvokeAsync(HttpContext http)
    {
        if (FaultOfAddress(http.Request) is { } parameter)
        {
            await Problems.WriteFieldAsync(http, parameter.Name, parameter.Reason, parameter.Code);
            return;
        }

        // Many clients name a content type on every request; where there is no content it means nothing, and the binder must not look for it.
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }) http.Request.ContentType = null;

        if (http.GetEndpoint()?.Metadata.GetMetadata<EndpointDefinition>() is not { } operation)
        {
            await next(http);
            return;
        }

        if (operation.TakesUpload() && !http.Request.HasFormContentType)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            await Problems.WriteStatusAsync(http);
            return;
        }

        if (operation.TakesUpload()
            || !ReadsBody.GetOrAdd(operation.ReqDtoType, HasBodyProperties)
            || !(HttpMethods.IsPost(http.Request.Method) || HttpMethods.IsPut(http.Request.Method) || HttpMethods.IsPatch(http.Request.Method) || HttpMethods.IsDelete(http.Request.Method)))
        {
            await next(http);
            return;
        }

        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            // No body says as much as an empty object; the validators name what is missing.
            http.Request.ContentType = "application/json";
            http.Request.ContentLength = 2;
            http.Request.Body = new MemoryStream("{}"u8.ToArray(), writable: false);
            await next(http);
            return;
        }

        if (!http.Request.HasJsonContentType())
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            await Problems.WriteStatusAsync(http);
            return;
        }

        if (http.Request.Headers.ContentEncoding.Count > 0 && http.Request.Headers.ContentEncoding != "identity")
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            await Problems.WriteStatusAsync(http);
            return;
        }

        MemoryStream body;
        try
        {
            body = await ReadAsync(http);
        }
        catch (BadHttpRequestException exception)
        {
            http.Response.StatusCode = exception.StatusCode;
            await Problems.WriteStatusAsync(http);
            return;
        }
        catch (InvalidDataException)
        {
            await Problems.WriteFieldAsync(http, "body", "The body is not packed as Content-Encoding says.", "malformed_encoding");
            return;
        }

        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        http.Items[HashKey] = SHA256.HashData(bytes.Span);
        if (Fault(bytes.Span, anyText: http.GetEndpoint()?.Metadata.GetMetadata<JudgesTextItself>() is not null) is { } fault)
        {
            await Problems.WriteFieldAsync(http, fault.Name, fault.Reason, fault.Code);
            return;
        }

        http.Request.Body = body;
        await next(http);
    }

    /// <summary>The SHA-256 of the JSON body; of nothing where there is none.</summary>
    public static byte[] HashOf(HttpContext http) => http.Items.TryGetValue(HashKey, out var hash) ? (byte[])hash! : SHA256.HashData([]);

    static async Task<MemoryStream> ReadAsync(HttpContext http)
    {
        var limit = http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? MaxBytes;
        var body = new MemoryStream((int)Math.Clamp(http.Request.ContentLength ?? 1024, 16, Math.Min(limit, MaxBytes)));
        await http.Request.Body.CopyToAsync(body, http.RequestAborted); // Kestrel counts, and throws past the limit
        body.Position = 0;
        return body;
    }

    static ApiFieldError? FaultOfAddress(HttpRequest request)
    {
        const string Reason = "The value holds the NUL character, which cannot be stored.";
        foreach (var (name, values) in request.Query)
        {
            if (name.Contains('\0', StringComparison.Ordinal)) return new("query", Reason, Unstorable);
            if (values.Any(v => v?.Contains('\0', StringComparison.Ordinal) is true)) return new(name, Reason, Unstorable);
        }

        foreach (var (name, value) in request.RouteValues)
            if (value is string text && text.Contains('\0', StringComparison.Ordinal)) return new(name, Reason, Unstorable);
        return null;
    }

    static ApiFieldError? Fault(ReadOnlySpan<byte> body, bool anyText)
    {
        if (!Utf8.IsValid(body)) return new("body", "The body is not valid UTF-8.", "malformed_utf8");
        // A segment for each level: the property at hand in an object, null in an array.
        var path = new List<string?>();
        // One level more than the serializer reads, so that depth is told from a syntax error.
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        if (path.Count == MaxDepth) return new("body", $"The JSON nests deeper than {MaxDepth} levels.", "nested_too_deep");
                        path.Add(reader.TokenType == JsonTokenType.StartObject ? "" : null);
                        break;
                    case JsonTokenType.Null when path is [.., null] && !anyText:
                        return new(Name(path), "A list must not hold null.", "null_in_list");
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        path.RemoveAt(path.Count - 1);
                        break;
                    case JsonTokenType.PropertyName:
                        if (!Storable(ref reader, out var name)) return new(Name(path), "A property's name holds a character that cannot be stored.", Unstorable);
                        path[^1] = name ?? reader.GetString()!;
                        break;
                    case JsonTokenType.String when !anyText && !Storable(ref reader, out _):
                        return new(Name(path), "The text holds the NUL character or half a surrogate pair, which cannot be stored.", Unstorable);
                }
            }

            return null;
        }
        catch (JsonException exception)
        {
            return new("body", $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).", "malformed_json");
        }
    }

    /// <summary>Only escapes can smuggle such characters in: raw, NUL is not JSON and half a pair is not UTF-8.</summary>
    static bool Storable(ref Utf8JsonReader reader, out string? text)
    {
        text = null;
        if (!reader.ValueIsEscaped) return true;
        try
        {
            text = reader.GetString()!;
            return !text.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    static string Name(List<string?> path)
    {
        var name = new StringBuilder();
        foreach (var segment in path.Where(s => s is { Length: > 0 })) name.Append(name.Length > 0 ? "." : "").Append(segment);
        return name.Length > 0 ? name.ToString() : "body";
    }

    public static bool HasBodyProperties(Type request)
        => request != typeof(EmptyRequest) && request.GetProperties().Any(p => p.CanWrite && !p.IsDefined(typeof(NonJsonBindingAttribute), inherit: true));
}

static class UploadOperations
{
    /// <summary>Whether the operation reads a form or a stream instead of JSON.</summary>
    public static bool TakesUpload(this EndpointDefinition operation) => operation.FormDataContentType is not null || operation.DontBindFormData;
}

/// <summary>An operation on a list whose items are judged one by one: text that cannot be stored refuses its item, not the request.</summary>
sealed class JudgesTextItself
{
    public static JudgesTextItself Instance { get; } = new();
}
