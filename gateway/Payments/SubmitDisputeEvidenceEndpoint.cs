using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SubmitDisputeEvidenceRequest([property: RouteParam] string DisputeId, string? Text);

sealed class SubmitDisputeEvidenceValidator : Validator<SubmitDisputeEvidenceRequest>
{
    public SubmitDisputeEvidenceValidator()
    {
        RuleFor(r => r.DisputeId).MaximumLength(100);
        RuleFor(r => r.Text).NotEmpty().MaximumLength(20_000);
    }
}

sealed class SubmitDisputeEvidenceEndpoint : CommandEndpoint<SubmitDisputeEvidenceRequest>
{
    public override void Configure()
    {
        Post("/v1/disputes/{disputeId}/evidence");
        Permissions("payments.support");
        Describe("Hand in evidence against a dispute");
    }

    public override Task HandleAsync(SubmitDisputeEvidenceRequest req, CancellationToken ct) => SendAsync(new SubmitDisputeEvidence(Actor, req.DisputeId, req.Text!), ct);
}
