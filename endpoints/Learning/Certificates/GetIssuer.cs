using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Learning;

/// <summary>Who signs certificates, with the public keys: a controlled identifier document that is an Open Badges profile too.</summary>
static class GetIssuer
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/issuer", Handle);

    static async Task<IResult> Handle(IssuerKeys keys, CancellationToken ct)
    {
        var multikeys = await keys.All(ct);
        var issuer = CourseCredential.Issuer(keys);
        issuer.Insert(0, "@context", new JsonArray("https://www.w3.org/ns/cid/v1", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"));
        issuer["verificationMethod"] = new JsonArray([.. multikeys.Select(multikey => (JsonNode)new JsonObject
        {
            ["id"] = keys.MethodOf(multikey),
            ["type"] = "Multikey",
            ["controller"] = keys.IssuerId,
            ["publicKeyMultibase"] = multikey,
        })]);
        issuer["assertionMethod"] = new JsonArray([.. multikeys.Select(multikey => (JsonNode)keys.MethodOf(multikey))]);
        return Results.Text(CourseCredential.Text(issuer), "application/json");
    }
}
