using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record ListRecordingsRequest([property: RouteParam] Guid SessionId);

sealed class ListRecordingsEndpoint : QueryEndpoint<ListRecordingsRequest, IReadOnlyList<RecordingView>>
{
    public override void Configure()
    {
        Get("/v1/lesson-sessions/{sessionId}/recordings");
        Permissions("learn");
        Describe("List a live lesson's recordings: for its tutor all, for a student those of when they were there");
    }

    public override Task HandleAsync(ListRecordingsRequest req, CancellationToken ct) => ForwardAsync("communication", $"/internal/communication/sessions/{req.SessionId}/recordings", ct);
}
