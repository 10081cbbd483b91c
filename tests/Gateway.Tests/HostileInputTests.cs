using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;

namespace EdTech.Gateway.Tests;

/// <summary>Every operation of the document, asked with everything that must not be: never a 5xx, always problem details, and nothing of our inside in them.</summary>
public sealed class HostileInputTests(GatewayFixture fixture)
{
    static readonly string[] HostileTexts = ["'; DROP TABLE users.account; --", "<script>alert(1)</script>", "\\\"'`${7*7}{{7*7}}", "\u202e\u200b\ufeff𝕏", "../../../../etc/passwd", "%00%0d%0aX-Injected: 1", new('x', 100_000)];

    static readonly string[] HostileSegments = ["not-a-uuid", "00000000-0000-0000-0000-00000000000Z", "'; DROP TABLE x; --", "..%2f..%2fadmin", "%F0%9F%92%A9", "-1", new('9', 2_000)];

    static readonly string[] HostileQueries = ["", "-1", "0", "101", "abc", "99999999999999999999", "1e400", "%00", "%27%3B--", "AAAA", "eyJhIjoxfQ", "%F0%9F%92%A9", new('A', 4_000)];

    [Fact]
    public async Task No_operation_breaks_over_hostile_input()
    {
        var samples = new SampleRequests(fixture.Document);
        var faults = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(fixture.Document.Operations, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (operation, ct) =>
        {
            // A caller for each operation: some of them end sessions, take roles or suspend.
            var caller = await fixture.SignUp("tutor", "moderator", "support", "admin");
            var world = await World.Create(fixture, caller, operation);
            foreach (var (what, request) in Hostile(operation, world, samples))
            {
                using (request)
                {
                    request.Headers.Authorization = caller.Authorization;
                    if (await Fault(operation, request, ct) is { } fault) faults.Enqueue($"{operation}: {what}: {fault}");
                }
            }
        });

        faults.ShouldBeEmpty();
    }

    IEnumerable<(string What, HttpRequestMessage Request)> Hostile(ApiOperation operation, World world, SampleRequests samples)
    {
        foreach (var parameter in operation.PathParameters)
            foreach (var segment in HostileSegments)
                yield return ($"path {parameter} = {Short(segment)}", With(operation, world.AddressOf(operation).Replace($"/{world.IdFor(operation, parameter)}", $"/{(segment.Contains('%', StringComparison.Ordinal) ? segment : Uri.EscapeDataString(segment))}", StringComparison.Ordinal), samples.BodyOf(operation, world)?.ToJsonString()));

        foreach (var parameter in operation.QueryParameters)
            foreach (var value in HostileQueries)
                yield return ($"query {parameter} = {Short(value)}", With(operation, $"{world.AddressOf(operation)}?{parameter}={value}", null));

        if (operation.Writes)
        {
            foreach (var (name, value) in new[] { ("Idempotency-Key", new string('k', 201)), ("Idempotency-Key", "a b"), ("If-Match", "7"), ("If-Match", "\"99999999999999999999\""), ("Prefer", "wait=-1, wait=99999999999999") })
            {
                var request = With(operation, world.AddressOf(operation), samples.BodyOf(operation, world)?.ToJsonString());
                request.Headers.TryAddWithoutValidation(name, value);
                yield return ($"{name}: {Short(value)}", request);
            }
        }

        if (fixture.Document.BodyOf(operation) is { } schema)
            foreach (var (what, content) in HostileBodies(schema, () => samples.BodyOf(operation, world)!.AsObject()))
                yield return (what, new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(world.AddressOf(operation), UriKind.Relative)) { Content = content });
    }

    IEnumerable<(string What, HttpContent Content)> HostileBodies(JsonObject schema, Func<JsonObject> sample)
    {
        foreach (var text in new[] { "", "{", "[]", "null", "42", "\"text\"", "{}", "{\"a\":1,\"a\":2}", "{'a':1}", "{\"\\u0000\":1}", new string('[', 200) + new string(']', 200), "{\"a\":" + new string('[', 31) + new string(']', 31) + "}" })
            yield return ($"body {Short(text)}", Json(text));
        yield return ("body not UTF-8", new ByteArrayContent([(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}']) { Headers = { ContentType = new("application/json") } });
        yield return ("body of 2 MB", Json($"{{\"x\":\"{new string('x', 2_000_000)}\"}}"));
        yield return ("body as XML", new StringContent(sample().ToJsonString(), Encoding.UTF8, "text/xml"));
        yield return ("body as a form", new FormUrlEncodedContent([new("a", "b")]));
        yield return ("body without a type", new ByteArrayContent(Encoding.UTF8.GetBytes(sample().ToJsonString())));

        foreach (var (name, property) in Leaves(schema, sample()))
        {
            foreach (var value in HostileValues(property))
            {
                var body = sample();
                var holder = Holder(body, name);
                if (holder is null) continue;
                holder[name[(name.LastIndexOf('.') + 1)..]] = "@@";
                yield return ($"{name} = {Short(value)}", Json(body.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal)));
            }
        }
    }

    static IEnumerable<string> HostileValues(JsonObject _)
    {
        foreach (var value in new[] { "null", "true", "[]", "{}", "[null]", "\"\"", "\" \"", "0", "-1", "1.5", "2147483648", "9223372036854775808", "1e400", "-1e400", "\"a\\u0000b\"", "\"a\\ud800b\"", "\"9999-12-31T23:59:59.9999999+14:00\"", "\"0001-01-01T00:00:00Z\"" })
            yield return value;
        foreach (var text in HostileTexts) yield return JsonSerializer.Serialize(text);
    }

    /// <summary>Every property, with its path, as deep as the sample reaches.</summary>
    IEnumerable<(string Name, JsonObject Schema)> Leaves(JsonObject schema, JsonObject sample, string prefix = "")
    {
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            var resolved = fixture.Document.Resolve(property!);
            yield return (prefix + name, resolved);
            var (deeper, below, step) = sample[name] switch
            {
                JsonObject part => (part, resolved, name),
                JsonArray { Count: > 0 } list when list[0] is JsonObject first => (first, fixture.Document.Resolve(resolved["items"] ?? new JsonObject()), $"{name}.0"),
                _ => (null, resolved, name),
            };
            if (deeper is not null)
                foreach (var leaf in Leaves(below, deeper, $"{prefix}{step}.")) yield return leaf;
        }
    }

    static JsonObject? Holder(JsonObject body, string name)
    {
        JsonNode? holder = body;
        foreach (var segment in name.Split('.')[..^1]) holder = int.TryParse(segment, System.Globalization.CultureInfo.InvariantCulture, out var index) ? holder?[index] : holder?[segment];
        return holder as JsonObject;
    }

    async Task<string?> Fault(ApiOperation operation, HttpRequestMessage request, CancellationToken ct)
    {
        // Waits for the answer before it sends a body that will not be taken.
        request.Headers.ExpectContinue = request.Content?.Headers.ContentLength > 1_000_000;
        using var response = await fixture.Http.SendAsync(request, ct);
        var body = await response.Content.ReadAsStringAsync(ct);
        var status = (int)response.StatusCode;
        if (status >= 500) return $"answered {status}: {Short(body)}";
        if (status == 202 && operation.Node["responses"]!["202"] is not null && (operation.Node["responses"]!["200"] ?? operation.Node["responses"]!["201"]) is not null) return "was not answered in time: its handler fails";
        if (status < 400) return null;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return $"answered {status} with {response.Content.Headers.ContentType}: {Short(body)}";
        var problem = JsonNode.Parse(body)!;
        if (problem["status"]?.GetValue<int>() != status || problem["code"] is null || problem["traceId"] is null) return $"the problem is incomplete: {Short(body)}";
        return body.Contains("Exception", StringComparison.Ordinal) || body.Contains("   at ", StringComparison.Ordinal) || body.Contains("EdTech.", StringComparison.Ordinal) || body.Contains("System.", StringComparison.Ordinal) || body.Contains("Npgsql", StringComparison.Ordinal)
            ? $"shows our inside: {Short(body)}"
            : null;
    }

    static HttpRequestMessage With(ApiOperation operation, string address, string? body)
        => new(new HttpMethod(operation.Method), new Uri(address, UriKind.Relative)) { Content = body is null ? null : Json(body) };

    static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    static string Short(string text) => text.Length > 400 ? $"{text[..40]}... ({text.Length})" : text;
}
