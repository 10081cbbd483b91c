using System.Text.Json.Nodes;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetCertificateRequest([property: RouteParam] Guid CertificateId);

sealed class GetCertificateEndpoint : QueryEndpoint<GetCertificateRequest, JsonObject>
{
    public override void Configure()
    {
        Get("/v1/certificates/{certificateId}");
        AllowAnonymous();
        Describe("A certificate as a signed Open Badges 3.0 credential");
    }

    /// <summary>A credential is never written again; whether it still holds is another question.</summary>
    public override Task HandleAsync(GetCertificateRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/certificates/{req.CertificateId}", ct, new Cache(CacheEvictions.Certificate(req.CertificateId)) { Lifetime = TimeSpan.FromHours(1) });
}
