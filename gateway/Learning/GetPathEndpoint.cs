using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetPathRequest([property: RouteParam] Guid PathId);

sealed class GetPathEndpoint : QueryEndpoint<GetPathRequest, PathView>
{
    public override void Configure()
    {
        Get("/v1/paths/{pathId}");
        AllowAnonymous();
        Describe("A learning path, with one's own way on it");
    }

    public override Task HandleAsync(GetPathRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/paths/{req.PathId}", ct);
}
