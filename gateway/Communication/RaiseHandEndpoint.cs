using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RaiseHandRequest([property: RouteParam] Guid SessionId);

sealed class RaiseHandEndpoint : CommandEndpoint<RaiseHandRequest>
{
    public override void Configure()
    {
        Put("/v1/lesson-sessions/{sessionId}/hand");
        Permissions("learn");
        Describe("Raise one's hand");
    }

    public override Task HandleAsync(RaiseHandRequest req, CancellationToken ct) => SendAsync(new RaiseHand(Actor, req.SessionId, Raised: true), ct);
}
