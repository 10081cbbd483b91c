using System.Text.Json.Nodes;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetIssuerEndpoint : QueryEndpoint<EmptyRequest, JsonObject>
{
    public override void Configure()
    {
        Get("/v1/issuer");
        AllowAnonymous();
        Describe("Who signs certificates, with the public keys", tag: "Certificates");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => ForwardAsync("learning", "/internal/learning/issuer", ct, new Cache(CacheEvictions.Issuer));
}
