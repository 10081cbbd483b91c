using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record PublishPathRequest([property: RouteParam] Guid PathId);

sealed class PublishPathEndpoint : CommandEndpoint<PublishPathRequest>
{
    public override void Configure()
    {
        Post("/v1/paths/{pathId}/publish");
        Permissions("paths.author");
        Describe("Publish a learning path");
    }

    public override Task HandleAsync(PublishPathRequest req, CancellationToken ct)
        => SendAsync(new PublishPath(Actor, req.PathId, IfMatch), ct);
}
