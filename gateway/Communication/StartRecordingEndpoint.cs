using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record StartRecordingRequest([property: RouteParam] Guid SessionId);

sealed class StartRecordingEndpoint : CommandEndpoint<StartRecordingRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/recordings");
        Permissions("learn");
        Describe("Record one's live lesson, once everybody present has agreed", done: 201);
    }

    public override Task HandleAsync(StartRecordingRequest req, CancellationToken ct) => SendAsync(new StartRecording(Actor, req.SessionId, Guid.CreateVersion7()), ct, _ => $"/v1/lesson-sessions/{req.SessionId}/recordings");
}
