using System.Diagnostics;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Contracts.Tests;

/// <summary>The approved AsyncAPI document against AsyncAPI's own schema, and against the schemas it names.</summary>
public sealed class AsyncApiDocumentIsValid
{
    static readonly string Contracts = Path.Combine(FaultyStack.Repository, "contracts");

    const string Validate =
        """
        const Ajv = require('ajv'), fs = require('fs');
        const ajv = new Ajv({ strict: false, allErrors: true });
        require('ajv-formats')(ajv);
        const valid = ajv.compile(JSON.parse(fs.readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json'))));
        console.log(valid(JSON.parse(fs.readFileSync(0))) ? 'valid' : JSON.stringify(valid.errors.slice(0, 5)));
        """;

    [Fact]
    public async Task By_the_official_schema()
    {
        var tool = Environment.GetEnvironmentVariable("EDTECH_ASYNCAPI_TOOL");
        Assert.SkipWhen(string.IsNullOrEmpty(tool), "EDTECH_ASYNCAPI_TOOL does not name the folder of AsyncAPI's schema and its validator. ops/test installs them and sets this.");
        var document = await File.ReadAllTextAsync(Path.Combine(Contracts, "asyncapi.approved.json"), TestContext.Current.CancellationToken);

        (await VerdictOn(document, tool)).ShouldBe("valid");

        // And the schema sees what is wrong.
        var broken = JsonNode.Parse(document)!;
        broken["channels"]!.AsObject().First().Value!["address"] = 42;
        (await VerdictOn(broken.ToJsonString(), tool)).ShouldNotBe("valid");
    }

    static async Task<string> VerdictOn(string document, string tool)
    {
        var start = new ProcessStartInfo("node", ["-e", Validate]) { WorkingDirectory = tool, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var errors = node.StandardError.ReadToEndAsync(deadline.Token);
        await node.StandardInput.WriteAsync(document.AsMemory(), deadline.Token);
        node.StandardInput.Close();
        var verdict = await node.StandardOutput.ReadToEndAsync(deadline.Token);
        return verdict.Trim() is { Length: > 0 } said ? said : throw new InvalidOperationException($"The validator said nothing: {await errors}");
    }

    [Fact]
    public void It_names_only_what_there_is()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Contracts, "asyncapi.approved.json")))!;
        foreach (var reference in References(document))
        {
            if (reference.StartsWith("#/", StringComparison.Ordinal))
            {
                reference[2..].Split('/').Aggregate((JsonNode?)document, (node, segment) => node?[segment]).ShouldNotBeNull(reference);
            }
            else
            {
                File.Exists(Path.Combine(Contracts, reference)).ShouldBeTrue(reference);
            }
        }
    }

    [Fact]
    public void Every_record_is_in_a_topic()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Contracts, "asyncapi.approved.json")))!;
        var carried = document["channels"]!.AsObject().SelectMany(c => c.Value!["messages"]!.AsObject().Select(m => m.Key)).ToHashSet(StringComparer.Ordinal);
        StreamSchemas.Records.Select(r => r.Type).Where(t => !carried.Contains(t)).ShouldBeEmpty();
    }

    static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "$ref" ? [p.Value!.GetValue<string>()] : References(p.Value)),
        JsonArray a => a.SelectMany(References),
        _ => [],
    };
}
