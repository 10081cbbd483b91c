using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record FollowPathRequest([property: RouteParam] Guid PathId);

sealed class FollowPathEndpoint : CommandEndpoint<FollowPathRequest>
{
    public override void Configure()
    {
        Put("/v1/paths/{pathId}/following");
        Permissions("learn");
        Describe("Follow a learning path");
    }

    public override Task HandleAsync(FollowPathRequest req, CancellationToken ct)
        => SendAsync(new FollowPath(Actor, req.PathId), ct);
}
