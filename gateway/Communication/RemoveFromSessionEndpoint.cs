using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RemoveFromSessionRequest([property: RouteParam] Guid SessionId, [property: RouteParam] Guid AccountId);

sealed class RemoveFromSessionEndpoint : CommandEndpoint<RemoveFromSessionRequest>
{
    public override void Configure()
    {
        Delete("/v1/lesson-sessions/{sessionId}/participants/{accountId}");
        Permissions("learn");
        Describe("Send a student out of one's live lesson for good");
    }

    public override Task HandleAsync(RemoveFromSessionRequest req, CancellationToken ct) => SendAsync(new RemoveFromSession(Actor, req.SessionId, req.AccountId), ct);
}
