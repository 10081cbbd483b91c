using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

static class GetCourseImport
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/imports/{importId:guid}", Handle);

    static async Task<IResult> Handle(Guid importId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await Find(connection, importId, http.Actor()) is { } import
            ? Results.Ok(import)
            : InternalApi.Refuse(RefusalKind.NotFound, "import.unknown", "There is no such import.");
    }

    /// <summary>An import as its owner sees it; for anybody else there is none.</summary>
    public static async Task<CourseImportView?> Find(NpgsqlConnection db, Guid importId, Actor actor)
    {
        var row = await db.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT import_id, course_id, imported_at, archive_sha256, report::text AS report
            FROM learning.course_import
            WHERE import_id = @importId AND owner_id = @OwnerId
            """,
            new { importId, OwnerId = actor.Id });
        return row is null ? null : new CourseImportView(row.ImportId, row.CourseId, new DateTimeOffset(row.ImportedAt, TimeSpan.Zero), row.ArchiveSha256, StoredJson.Read<ImportReport>(row.Report));
    }

    sealed record Row(Guid ImportId, Guid CourseId, DateTime ImportedAt, string ArchiveSha256, string Report);
}
