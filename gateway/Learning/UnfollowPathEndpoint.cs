using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record UnfollowPathRequest([property: RouteParam] Guid PathId);

sealed class UnfollowPathEndpoint : CommandEndpoint<UnfollowPathRequest>
{
    public override void Configure()
    {
        Delete("/v1/paths/{pathId}/following");
        Permissions("learn");
        Describe("Follow a learning path no longer");
    }

    public override Task HandleAsync(UnfollowPathRequest req, CancellationToken ct)
        => SendAsync(new UnfollowPath(Actor, req.PathId), ct);
}
