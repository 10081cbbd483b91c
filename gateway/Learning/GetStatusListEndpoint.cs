using System.Text.Json.Nodes;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetStatusListRequest([property: RouteParam] long List);

sealed class GetStatusListEndpoint : QueryEndpoint<GetStatusListRequest, JsonObject>
{
    public override void Configure()
    {
        Get("/v1/issuer/status/{list}");
        AllowAnonymous();
        Describe("Which certificates are revoked, as a signed W3C Bitstring Status List", tag: "Certificates");
    }

    public override Task HandleAsync(GetStatusListRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/issuer/status/{req.List}", ct, new Cache(CacheEvictions.Revocations));
}
