using System.Text;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>Whether the certificate at an address holds: its signature is checked anew, as a stranger would.</summary>
static class VerifyCertificate
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/certificates/{certificateId:guid}/verify", Handle);

    /// <summary>The verification; null when there is no such certificate.</summary>
    public static async Task<CertificateVerification?> Verify(Guid certificateId, Guid? recipient, NpgsqlDataSource db, IssuerKeys keys, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var stored = await connection.QuerySingleOrDefaultAsync<Certificate>(
            """
            SELECT course_id, course_title, tutor_id, credential, issued_at, revoked_at, revocation_reason
            FROM learning.certificate
            WHERE certificate_id = @certificateId
            """,
            new { certificateId });
        if (stored is null)
            return null;

        using var credential = CanonicalJson.Parse(Encoding.UTF8.GetBytes(stored.Credential));
        var flaw = DataIntegrity.Flaw(credential.RootElement, await keys.Trusted(ct));
        var (code, message) = (flaw, stored.RevokedAt) switch
        {
            ({ } reason, _) => ("damaged", reason),
            (_, { } at) => ("revoked", $"The certificate was revoked on {at:yyyy-MM-dd}: {stored.RevocationReason}"),
            _ => ("valid", "The certificate was issued by this platform, is unchanged and has not been revoked."),
        };
        return new CertificateVerification(
            certificateId,
            code is "valid",
            code,
            message,
            stored.CourseId,
            stored.CourseTitle,
            stored.TutorId,
            stored.IssuedAt.Utc(),
            stored.RevokedAt.Utc(),
            stored.RevocationReason,
            recipient is { } account ? CourseCredential.IsIssuedTo(credential.RootElement, account) : null,
            $"{keys.PublicUrl}/v1/certificates/{certificateId}");
    }

    static async Task<IResult> Handle(Guid certificateId, Guid? recipient, NpgsqlDataSource db, IssuerKeys keys, CancellationToken ct)
        => await Verify(certificateId, recipient, db, keys, ct) is { } verification
            ? TypedResults.Ok(verification)
            : InternalApi.Refuse(RefusalKind.NotFound, "certificate.not_found", "There is no such certificate.");

    sealed record Certificate(Guid CourseId, string CourseTitle, Guid TutorId, string Credential, DateTime IssuedAt, DateTime? RevokedAt, string? RevocationReason);
}
