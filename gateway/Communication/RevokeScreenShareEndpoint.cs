using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RevokeScreenShareRequest([property: RouteParam] Guid SessionId, [property: RouteParam] Guid AccountId);

sealed class RevokeScreenShareEndpoint : CommandEndpoint<RevokeScreenShareRequest>
{
    public override void Configure()
    {
        Delete("/v1/lesson-sessions/{sessionId}/screen-share/{accountId}");
        Permissions("learn");
        Describe("Take the screen back from a student");
    }

    public override Task HandleAsync(RevokeScreenShareRequest req, CancellationToken ct) => SendAsync(new GrantScreenShare(Actor, req.SessionId, req.AccountId, Granted: false), ct);
}
