using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record JoinSessionRequest([property: RouteParam] Guid SessionId);

sealed class JoinSessionEndpoint : CommandEndpoint<JoinSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/join");
        Permissions("learn");
        Describe<SessionTicket>("Enter a live lesson; answers with the tokens to enter Agora's channel with");
    }

    public override Task HandleAsync(JoinSessionRequest req, CancellationToken ct)
    {
        HttpContext.Response.Headers.CacheControl = "no-store";
        return SendAsync(new JoinSession(Actor, req.SessionId), ct);
    }
}
