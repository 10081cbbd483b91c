using System.Globalization;
using System.Text.Json.Nodes;

namespace EdTech.Gateway.Tests;

/// <summary>The OpenAPI document, as far as the tests over all operations read it.</summary>
public sealed class ApiDocument(JsonObject root)
{
    public IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. from path in root["paths"]!.AsObject()
           from method in path.Value!.AsObject()
           select new ApiOperation(method.Value!["operationId"]!.GetValue<string>(), method.Key.ToUpperInvariant(), path.Key, method.Value!.AsObject()),
    ];

    /// <summary>The schema of the JSON body; null where the operation takes none.</summary>
    public JsonObject? BodyOf(ApiOperation operation)
        => operation.Node["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema ? Resolve(schema) : null;

    /// <summary>The smallest value that fits a schema.</summary>
    public JsonNode? Sample(JsonNode schema, string name = "")
    {
        var resolved = Resolve(schema);
        if (resolved["enum"] is JsonArray { Count: > 0 } choices) return choices[0]?.DeepClone();
        if (resolved["default"] is { } given) return given.DeepClone();
        return TypeOf(resolved) switch
        {
            "object" => SampleObject(resolved),
            "array" => new JsonArray([.. Enumerable.Range(0, resolved["minItems"]?.GetValue<int>() ?? 0).Select(_ => Sample(resolved["items"]!, name))]),
            "integer" or "number" => SampleNumber(resolved),
            "boolean" => false,
            "string" => SampleText(resolved, name),
            _ => null,
        };
    }

    /// <summary>What a schema refers to, and the part of a nullable one that is not null.</summary>
    public JsonObject Resolve(JsonNode schema)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            JsonNode found = root;
            foreach (var segment in reference.TrimStart('#', '/').Split('/')) found = found[segment]!;
            return Resolve(found);
        }

        return schema["oneOf"] is JsonArray choices ? Resolve(choices.First(c => c!["type"] is not JsonValue type || type.ToString() != "null")!) : schema.AsObject();
    }

    public static string? TypeOf(JsonObject schema) => schema["type"] switch
    {
        JsonArray types => types.Select(t => t!.GetValue<string>()).FirstOrDefault(t => t != "null"),
        JsonValue type => type.GetValue<string>(),
        _ => schema["properties"] is null ? null : "object",
    };

    JsonObject SampleObject(JsonObject schema)
    {
        var sample = new JsonObject();
        foreach (var required in schema["required"]?.AsArray() ?? [])
            if (schema["properties"]?[required!.GetValue<string>()] is { } property) sample[required.GetValue<string>()] = Nullable(property) ? null : Sample(property, required.GetValue<string>());
        return sample;
    }

    static bool Nullable(JsonNode property)
        => property["type"] is JsonArray types && types.Any(t => t!.GetValue<string>() == "null") || property["oneOf"] is JsonArray choices && choices.Any(c => c!["type"]?.ToString() == "null");

    static JsonNode SampleNumber(JsonObject schema)
    {
        var least = schema["minimum"] ?? schema["exclusiveMinimum"];
        return least is null ? 1 : decimal.Parse(least.ToString(), CultureInfo.InvariantCulture) + (schema["exclusiveMinimum"] is null ? 0 : 1);
    }

    static string SampleText(JsonObject schema, string name) => schema["format"]?.GetValue<string>() switch
    {
        "uuid" => Guid.CreateVersion7().ToString(),
        "date-time" => "2030-01-01T00:00:00Z",
        "date" => "2030-01-01",
        "email" => $"{Guid.NewGuid():N}@example.test",
        "uri" => "https://example.test/",
        _ => (name.Length > 0 ? name : "text").PadRight(schema["minLength"]?.GetValue<int>() ?? 0, 'x'),
    };
}

/// <summary>One operation of the document.</summary>
public sealed record ApiOperation(string Id, string Method, string Path, JsonObject Node)
{
    public bool Writes => Method is not "GET";

    public IEnumerable<(string Name, string In, JsonObject Schema)> Parameters
        => (Node["parameters"]?.AsArray() ?? []).Select(p => (p!["name"]!.GetValue<string>(), p["in"]!.GetValue<string>(), p["schema"]!.AsObject()));

    public IEnumerable<string> PathParameters => Parameters.Where(p => p.In == "path").Select(p => p.Name);

    public IEnumerable<string> QueryParameters => Parameters.Where(p => p.In == "query").Select(p => p.Name);

    public bool TakesUpload => Node["requestBody"]?["content"] is JsonObject content && !content.ContainsKey("application/json");

    public override string ToString() => $"{Method} {Path}";
}
