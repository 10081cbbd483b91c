using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class ListMyCertificates
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/me/certificates", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, IssuerKeys keys, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            """
            SELECT certificate_id, course_id, course_title, issued_at, revoked_at
            FROM learning.certificate
            WHERE student_id = @StudentId
              AND (@Before::timestamptz IS NULL OR (issued_at, certificate_id) < (@Before, @BeforeId))
            ORDER BY issued_at DESC, certificate_id DESC
            LIMIT @Fetch
            """,
            new { StudentId = http.Actor().Id, place.Before, place.BeforeId, place.Fetch })).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new CertificateView(r.CertificateId, r.CourseId, r.CourseTitle, r.IssuedAt.Utc(), r.RevokedAt.Utc(), $"{keys.PublicUrl}/v1/certificates/{r.CertificateId}"),
            r => (r.IssuedAt, r.CertificateId)));
    }

    sealed record Row(Guid CertificateId, Guid CourseId, string CourseTitle, DateTime IssuedAt, DateTime? RevokedAt);
}
