using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record LowerHandRequest([property: RouteParam] Guid SessionId);

sealed class LowerHandEndpoint : CommandEndpoint<LowerHandRequest>
{
    public override void Configure()
    {
        Delete("/v1/lesson-sessions/{sessionId}/hand");
        Permissions("learn");
        Describe("Lower one's hand");
    }

    public override Task HandleAsync(LowerHandRequest req, CancellationToken ct) => SendAsync(new RaiseHand(Actor, req.SessionId, Raised: false), ct);
}
