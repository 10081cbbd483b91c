using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record LeaveSessionRequest([property: RouteParam] Guid SessionId);

sealed class LeaveSessionEndpoint : CommandEndpoint<LeaveSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/leave");
        Permissions("learn");
        Describe("Leave a live lesson");
    }

    public override Task HandleAsync(LeaveSessionRequest req, CancellationToken ct) => SendAsync(new LeaveSession(Actor, req.SessionId), ct);
}
