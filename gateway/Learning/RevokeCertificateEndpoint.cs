using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RevokeCertificateRequest([property: RouteParam] Guid CertificateId, string? Reason);

sealed class RevokeCertificateValidator : Validator<RevokeCertificateRequest>
{
    public RevokeCertificateValidator()
    {
        RuleFor(r => r.Reason).NotEmpty().MaximumLength(500);
    }
}

sealed class RevokeCertificateEndpoint : CommandEndpoint<RevokeCertificateRequest>
{
    public override void Configure()
    {
        Post("/v1/certificates/{certificateId}/revocation");
        Permissions("courses.moderate");
        Describe("Take a certificate back");
    }

    public override Task HandleAsync(RevokeCertificateRequest req, CancellationToken ct)
        => SendAsync(new RevokeCertificate(Actor, req.CertificateId, req.Reason!.Trim()), ct);
}
