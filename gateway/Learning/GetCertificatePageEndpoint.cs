using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetCertificatePageRequest([property: RouteParam] Guid CertificateId);

sealed class GetCertificatePageEndpoint : QueryEndpoint<GetCertificatePageRequest, string>
{
    public override void Configure()
    {
        Get("/certificates/{certificateId}");
        AllowAnonymous();
        Describe("A certificate and whether it holds, as a page for people", tag: "Certificates");
    }

    public override Task HandleAsync(GetCertificatePageRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/certificates/{req.CertificateId}/page", ct, new Cache(CacheEvictions.Certificate(req.CertificateId)));
}
