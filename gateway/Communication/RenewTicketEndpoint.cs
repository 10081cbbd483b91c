using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RenewTicketRequest([property: RouteParam] Guid SessionId);

sealed class RenewTicketEndpoint : InternalWriteEndpoint<RenewTicketRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/ticket");
        Permissions("learn");
        Describe<SessionTicket>("Get new tokens for a live lesson that one is in, before the old ones expire");
    }

    public override Task HandleAsync(RenewTicketRequest req, CancellationToken ct)
    {
        HttpContext.Response.Headers.CacheControl = "no-store";
        return PostAsync<SessionTicket>("communication", $"/internal/communication/sessions/{req.SessionId}/ticket", null, ct);
    }
}
