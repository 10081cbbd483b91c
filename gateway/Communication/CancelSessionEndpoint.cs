using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record CancelSessionRequest([property: RouteParam] Guid SessionId, string? Reason);

sealed class CancelSessionValidator : Validator<CancelSessionRequest>
{
    public CancelSessionValidator() => RuleFor(r => r.Reason).NotEmpty().MaximumLength(500);
}

sealed class CancelSessionEndpoint : CommandEndpoint<CancelSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions/{sessionId}/cancellation");
        Permissions("learn");
        Describe("Call off one's live lesson before it begins");
    }

    public override Task HandleAsync(CancelSessionRequest req, CancellationToken ct) => SendAsync(new CancelSession(Actor, req.SessionId, req.Reason!.Trim()), ct);
}
