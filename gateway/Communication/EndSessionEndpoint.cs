using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record EndSessionRequest([property: RouteParam] Guid SessionId);

sealed class EndSessionEndpoint : CommandEndpoint<EndSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/end");
        Permissions("learn");
        Describe("End one's live lesson for all");
    }

    public override Task HandleAsync(EndSessionRequest req, CancellationToken ct) => SendAsync(new EndSession(Actor, req.SessionId), ct);
}
