using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ConsentToRecordingRequest([property: RouteParam] Guid SessionId, bool? Agreed);

sealed class ConsentToRecordingValidator : Validator<ConsentToRecordingRequest>
{
    public ConsentToRecordingValidator() => RuleFor(r => r.Agreed).NotNull();
}

sealed class ConsentToRecordingEndpoint : CommandEndpoint<ConsentToRecordingRequest>
{
    public override void Configure()
    {
        Put("/v1/lesson-sessions/{sessionId}/recording-consent");
        Permissions("learn");
        Describe("Agree to be recorded, or take that back, which stops a recording");
    }

    public override Task HandleAsync(ConsentToRecordingRequest req, CancellationToken ct) => SendAsync(new ConsentToRecording(Actor, req.SessionId, req.Agreed!.Value), ct);
}
