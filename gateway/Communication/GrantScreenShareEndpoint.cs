using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GrantScreenShareRequest([property: RouteParam] Guid SessionId, [property: RouteParam] Guid AccountId);

sealed class GrantScreenShareEndpoint : CommandEndpoint<GrantScreenShareRequest>
{
    public override void Configure()
    {
        Put("/v1/lesson-sessions/{sessionId}/screen-share/{accountId}");
        Permissions("learn");
        Describe("Let a student share the screen");
    }

    public override Task HandleAsync(GrantScreenShareRequest req, CancellationToken ct) => SendAsync(new GrantScreenShare(Actor, req.SessionId, req.AccountId, Granted: true), ct);
}
