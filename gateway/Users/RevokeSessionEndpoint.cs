using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RevokeSessionRequest([property: RouteParam] Guid SessionId);

sealed class RevokeSessionEndpoint : CommandEndpoint<RevokeSessionRequest>
{
    public override void Configure()
    {
        Delete("/v1/sessions/{sessionId}");
        Authenticated();
        IsNeverShed();
        Describe("Sign one of the own sessions out");
    }

    public override Task HandleAsync(RevokeSessionRequest req, CancellationToken ct)
        => SendAsync(new RevokeSession(Actor, req.SessionId), ct);
}
