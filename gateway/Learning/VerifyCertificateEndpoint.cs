using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record VerifyCertificateRequest([property: RouteParam] Guid CertificateId, [property: QueryParam] Guid? Recipient);

sealed class VerifyCertificateEndpoint : QueryEndpoint<VerifyCertificateRequest, CertificateVerification>
{
    public override void Configure()
    {
        Get("/v1/certificates/{certificateId}/verify");
        AllowAnonymous();
        Describe("Whether a certificate holds, and whether it is the named account's");
    }

    public override Task HandleAsync(VerifyCertificateRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery($"/internal/learning/certificates/{req.CertificateId}/verify", ("recipient", req.Recipient)), ct, new Cache(CacheEvictions.Certificate(req.CertificateId)));
}
