using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>The certificate for people: a page without scripts, styles or anything fetched from elsewhere.</summary>
static class CertificatePage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/certificates/{certificateId:guid}/page", Handle);

    static async Task<IResult> Handle(Guid certificateId, NpgsqlDataSource db, IssuerKeys keys, CancellationToken ct)
        => await VerifyCertificate.Verify(certificateId, null, db, keys, ct) is { } certificate
            ? Results.Text(Html(certificate), "text/html; charset=utf-8")
            : InternalApi.Refuse(RefusalKind.NotFound, "certificate.not_found", "There is no such certificate.");

    static string Html(CertificateVerification certificate)
    {
        var title = WebUtility.HtmlEncode(certificate.CourseTitle);
        var verdict = certificate.Code switch
        {
            "valid" => "Valid",
            "revoked" => "Revoked",
            _ => "Not valid",
        };
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{verdict}: certificate for {title}</title>
            </head>
            <body>
            <main>
            <h1>Certificate for {title}</h1>
            <p><strong>{verdict}.</strong> {WebUtility.HtmlEncode(certificate.Message)}</p>
            <dl>
            <dt>Course</dt>
            <dd>{title}</dd>
            <dt>Issued on</dt>
            <dd><time datetime="{certificate.IssuedAt:yyyy-MM-ddTHH:mm:ssZ}">{certificate.IssuedAt:yyyy-MM-dd}</time></dd>
            <dt>Certificate</dt>
            <dd>{certificate.CertificateId}</dd>
            </dl>
            <p>The certificate names nobody. Whoever shows it proves that it is theirs by telling the id of their account.</p>
            <p><a href="/v1/certificates/{certificate.CertificateId}">The signed credential (Open Badges 3.0)</a></p>
            <p><a href="/v1/certificates/{certificate.CertificateId}/verify">This result for programs</a></p>
            </main>
            </body>
            </html>
            """;
    }
}
