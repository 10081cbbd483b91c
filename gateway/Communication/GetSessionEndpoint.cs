using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetSessionRequest([property: RouteParam] Guid SessionId);

sealed class GetSessionEndpoint : QueryEndpoint<GetSessionRequest, LessonSessionView>
{
    public override void Configure()
    {
        Get("/v1/lesson-sessions/{sessionId}");
        Permissions("learn");
        Describe("Read a live lesson that one takes part in");
    }

    public override Task HandleAsync(GetSessionRequest req, CancellationToken ct) => ForwardAsync("communication", $"/internal/communication/sessions/{req.SessionId}", ct);
}
