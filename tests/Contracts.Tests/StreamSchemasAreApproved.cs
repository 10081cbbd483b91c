using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Contracts.Tests;

/// <summary>What the data team reads by changes only by approval: records of a year ago are still in the topics.</summary>
public sealed class StreamSchemasAreApproved
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
    static readonly string Contracts = Path.Combine(FaultyStack.Repository, "contracts");

    [Fact]
    public void Schemas_of_all_records_are_the_approved_ones()
    {
        var approved = Path.Combine(Contracts, "schemas");
        var received = Path.Combine(Contracts, "schemas.received");
        var texts = StreamSchemas.Files.ToDictionary(f => f.Key, f => f.Value.ToJsonString(Indented) + "\n", StringComparer.Ordinal);
        var known = Directory.Exists(approved) ? Directory.GetFiles(approved).ToDictionary(f => Path.GetFileName(f), File.ReadAllText, StringComparer.Ordinal) : [];
        var changed = texts.Keys.Union(known.Keys, StringComparer.Ordinal).Where(f => texts.GetValueOrDefault(f) != known.GetValueOrDefault(f)).Order(StringComparer.Ordinal).ToList();
        if (Directory.Exists(received))
        {
            Directory.Delete(received, recursive: true);
        }

        if (changed.Count == 0)
        {
            return;
        }

        Directory.CreateDirectory(received);
        foreach (var (file, text) in texts)
        {
            File.WriteAllText(Path.Combine(received, file), text);
        }

        Assert.Fail($"Schemas have changed: {string.Join(", ", changed)}. When readers of old and new records survive every change: rm -r {approved} && mv {received} {approved}. Otherwise make it a new type, v2.");
    }

    [Fact]
    public void The_document_for_the_data_team_is_the_approved_one()
    {
        var approved = Path.Combine(Contracts, "asyncapi.approved.json");
        var received = Path.Combine(Contracts, "asyncapi.received.json");
        var text = StreamDocument.Make().ToJsonString(Indented) + "\n";
        if (File.Exists(approved) && File.ReadAllText(approved) == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail($"The AsyncAPI document has changed. If it is meant, approve it: mv {received} {approved}");
    }

    [Fact]
    public void A_schema_leaves_nothing_open()
    {
        foreach (var (file, schema) in StreamSchemas.Files)
        {
            Open(schema).ShouldBeEmpty($"{file}: a property without a type is one that a custom converter writes; give its schema in StreamSchemas.");
        }
    }

    [Fact]
    public void A_records_name_on_the_wire_is_its_own()
        => StreamSchemas.Records.GroupBy(r => r.Type, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    static IEnumerable<string> Open(JsonNode node) => node switch
    {
        JsonObject schema => (schema["properties"]?.AsObject() ?? []).SelectMany(p => p.Value is JsonObject { Count: > 0 } ? Open(p.Value).Select(o => $"{p.Key}.{o}") : [p.Key])
            .Concat(schema["items"] is { } items ? Open(items) : [])
            .Concat((schema["oneOf"]?.AsArray() ?? []).SelectMany(c => Open(c!))),
        _ => ["(anything)"],
    };
}
