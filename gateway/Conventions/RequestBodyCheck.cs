using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace EdTech.Gateway;

/// <summary>How many bytes a request's body may have.</summary>
static class BodyLimit
{
    public const long Default = 1024 * 1024;
}

/// <summary>
/// Reads a JSON body once, before it is bound: what is not JSON, nests too deep or holds text that PostgreSQL cannot store (U+0000, half a
/// surrogate pair) is refused here, for all operations. Leaves the body's hash behind, by which a repeat under the same idempotency key is told from another request.
/// </summary>
sealed class RequestBodyCheck(RequestDelegate next)
{
    public const int MaxDepth = 32;

    static readonly object HashKey = new();

    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.HasJsonContentType())
        {
            await next(http);
            return;
        }

        http.Request.EnableBuffering(bufferThreshold: 64 * 1024, bufferLimit: BodyLimit.Default + 1);
        using var copy = new MemoryStream(http.Request.ContentLength is > 0 and <= BodyLimit.Default and var length ? (int)length : 256);
        await http.Request.Body.CopyToAsync(copy, http.RequestAborted);
        http.Request.Body.Position = 0;
        var body = copy.GetBuffer().AsSpan(0, (int)copy.Length);
        http.Items[HashKey] = SHA256.HashData(body);

        if (body.Length > 0 && Fault(body) is { } fault)
        {
            await Problems.WriteFieldAsync(http, fault.Name, fault.Reason, fault.Code);
            return;
        }

        await next(http);
    }

    /// <summary>The SHA-256 of the JSON body; of nothing where there is none.</summary>
    public static byte[] HashOf(HttpContext http) => http.Items.TryGetValue(HashKey, out var hash) ? (byte[])hash! : SHA256.HashData([]);

    static ApiFieldError? Fault(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body)) return new("body", "The body is not valid UTF-8.", "malformed_utf8");
        var path = new List<string>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        path.Add("");
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        path.RemoveAt(path.Count - 1);
                        break;
                    case JsonTokenType.PropertyName:
                        if (!Storable(ref reader, out var name)) return new(Name(path), "A property's name holds a character that cannot be stored.", "unstorable_text");
                        path[^1] = name ?? reader.GetString()!;
                        break;
                    case JsonTokenType.String when !Storable(ref reader, out _):
                        return new(Name(path), "The text holds U+0000 or half a surrogate pair, which cannot be stored.", "unstorable_text");
                }
            }

            return null;
        }
        catch (JsonException exception)
        {
            return reader.CurrentDepth >= MaxDepth
                ? new("body", $"The JSON nests deeper than {MaxDepth} levels.", "nested_too_deep")
                : new("body", $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).", "malformed_json");
        }
    }

    /// <summary>Only escapes can smuggle such characters in: raw, U+0000 is not JSON and half a pair is not UTF-8.</summary>
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

    static string Name(List<string> path)
    {
        var name = new StringBuilder();
        foreach (var segment in path.Where(s => s.Length > 0)) name.Append(name.Length > 0 ? "." : "").Append(segment);
        return name.Length > 0 ? name.ToString() : "body";
    }
}
