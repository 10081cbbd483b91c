using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>Published paths for everybody; the caller's followed and authored ones under <c>me</c>.</summary>
static class ListPaths
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/learning/paths", Published);
        app.MapGet("/internal/learning/me/paths", Followed);
        app.MapGet("/internal/learning/me/authored-paths", Authored);
    }

    static Task<IResult> Published(HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
        => Page(
            """
            SELECT p.path_id, p.author_id, p.title, p.summary, 'published' AS status, p.published_at AS at,
                   (SELECT count(*)::int FROM learning.path_step s WHERE s.path_id = p.path_id) AS courses
            FROM learning.path p
            WHERE p.published_at IS NOT NULL
              AND (@Before::timestamptz IS NULL OR (p.published_at, p.path_id) < (@Before, @BeforeId))
            ORDER BY p.published_at DESC, p.path_id DESC
            LIMIT @Fetch
            """,
            http,
            db,
            NewestFirst.Read(cursor, limit),
            ct);

    static Task<IResult> Followed(HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
        => Page(
            """
            SELECT p.path_id, p.author_id, p.title, p.summary, 'published' AS status, f.followed_at AS at,
                   (SELECT count(*)::int FROM learning.path_step s WHERE s.path_id = p.path_id) AS courses
            FROM learning.path_follower f
            JOIN learning.path p ON p.path_id = f.path_id
            WHERE f.student_id = @ActorId
              AND (@Before::timestamptz IS NULL OR (f.followed_at, f.path_id) < (@Before, @BeforeId))
            ORDER BY f.followed_at DESC, f.path_id DESC
            LIMIT @Fetch
            """,
            http,
            db,
            NewestFirst.Read(cursor, limit),
            ct);

    static Task<IResult> Authored(HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
        => Page(
            """
            SELECT p.path_id, p.author_id, p.title, p.summary, CASE WHEN p.published_at IS NULL THEN 'draft' ELSE 'published' END AS status, p.created_at AS at,
                   (SELECT count(*)::int FROM learning.path_step s WHERE s.path_id = p.path_id) AS courses
            FROM learning.path p
            WHERE p.author_id = @ActorId
              AND (@Before::timestamptz IS NULL OR (p.created_at, p.path_id) < (@Before, @BeforeId))
            ORDER BY p.created_at DESC, p.path_id DESC
            LIMIT @Fetch
            """,
            http,
            db,
            NewestFirst.Read(cursor, limit),
            ct);

    static async Task<IResult> Page(string sql, HttpContext http, NpgsqlDataSource db, NewestFirst? place, CancellationToken ct)
    {
        if (place is null)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(sql, new { ActorId = http.Actor().Id, place.Before, place.BeforeId, place.Fetch })).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new PathSummary(r.PathId, r.AuthorId, r.Title, r.Summary, r.Courses, r.Status),
            r => (r.At, r.PathId)));
    }

    sealed record Row(Guid PathId, Guid AuthorId, string Title, string Summary, string Status, DateTime At, int Courses);
}
