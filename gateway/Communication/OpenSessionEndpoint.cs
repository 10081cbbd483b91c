using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record OpenSessionRequest([property: RouteParam] Guid SessionId);

sealed class OpenSessionEndpoint : CommandEndpoint<OpenSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/open");
        Permissions("learn");
        Describe("Open the room of one's live lesson, from 15 minutes before its start");
    }

    public override Task HandleAsync(OpenSessionRequest req, CancellationToken ct) => SendAsync(new OpenSession(Actor, req.SessionId), ct);
}
