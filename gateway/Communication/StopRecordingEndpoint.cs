using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record StopRecordingRequest([property: RouteParam] Guid SessionId, [property: RouteParam] Guid RecordingId);

sealed class StopRecordingEndpoint : CommandEndpoint<StopRecordingRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/recordings/{recordingId}/stop");
        Permissions("learn");
        Describe("Stop a recording; its files follow");
    }

    public override Task HandleAsync(StopRecordingRequest req, CancellationToken ct) => SendAsync(new StopRecording(Actor, req.SessionId, req.RecordingId), ct);
}
