using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>The credential itself, for everybody: it names nobody.</summary>
static class GetCertificate
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/certificates/{certificateId:guid}", Handle);

    static async Task<IResult> Handle(Guid certificateId, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var credential = await connection.ExecuteScalarAsync<string>(
            """
            SELECT credential
            FROM learning.certificate
            WHERE certificate_id = @certificateId
            """,
            new { certificateId });
        return credential is null
            ? InternalApi.Refuse(RefusalKind.NotFound, "certificate.not_found", "There is no such certificate.")
            : Results.Text(credential, "application/vc");
    }
}
