using System.Runtime.CompilerServices;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class OpenApiDocumentTests(GatewayFixture fixture)
{
    /// <summary>The approved file is the API's public face: whoever changes it means to.</summary>
    [Fact]
    public async Task The_document_is_the_approved_one()
    {
        var approvedPath = Path.GetFullPath(Path.Combine(Here(), "../../gateway/openapi.approved.json"));
        var receivedPath = approvedPath.Replace(".approved.", ".received.", StringComparison.Ordinal);
        var received = await fixture.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative));
        var approved = File.Exists(approvedPath) ? await File.ReadAllTextAsync(approvedPath) : "";
        if (received.ReplaceLineEndings() == approved.ReplaceLineEndings())
        {
            File.Delete(receivedPath);
            return;
        }

        await File.WriteAllTextAsync(receivedPath, received);
        Assert.Fail($"The HTTP document has changed. Compare {receivedPath} with {approvedPath}; if the change is meant, approve it: mv {receivedPath} {approvedPath}");
    }

    [Fact]
    public void Every_operation_has_a_summary_a_tag_its_security_and_its_problems()
    {
        foreach (var operation in fixture.Document.Operations)
        {
            operation.Node["summary"]?.GetValue<string>().ShouldNotBeNullOrWhiteSpace(operation.ToString());
            operation.Node["tags"]?.AsArray().Count.ShouldBe(1, operation.ToString());
            operation.Node["security"].ShouldNotBeNull(operation.ToString());
            operation.Node["responses"]!.AsObject().Where(r => r.Key[0] is '4' or '5')
                .ShouldAllBe(r => r.Value!["content"]!.AsObject().ContainsKey("application/problem+json"), operation.ToString());
        }

        fixture.Document.Operations.Select(o => o.Id).ShouldBeUnique();
    }

    [Fact]
    public async Task The_reference_can_be_browsed()
    {
        using var page = await fixture.Http.GetAsync(new Uri("/scalar/", UriKind.Relative));
        page.IsSuccessStatusCode.ShouldBeTrue();
        (await page.Content.ReadAsStringAsync()).ShouldContain("openapi/v1.json");
    }

    static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
