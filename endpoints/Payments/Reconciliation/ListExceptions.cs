using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>What people have to look at, for support; <c>?open=true</c> what nobody has resolved, <c>?open=false</c> the rest.</summary>
static class ListExceptions
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/exceptions", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, bool? open, string? cursor, int? limit, CancellationToken ct)
    {
        if (!http.Actor().May("payments.support"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "exception.not_permitted", "Only support sees the queue of exceptions.");
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT exception_id, kind, reference, details, found_at, resolution
            FROM payments.exception
            WHERE (@open::boolean IS NULL OR (resolved_at IS NULL) = @open)
              AND (@Before::timestamptz IS NULL OR (found_at, exception_id) < (@Before, @BeforeId))
            ORDER BY found_at DESC, exception_id DESC
            LIMIT @Fetch
            """, new { open, place.Before, place.BeforeId, place.Fetch }, cancellationToken: ct))).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new ExceptionView(r.ExceptionId, r.Kind, r.Reference, r.Details, r.FoundAt.Utc(), r.Resolution),
            r => (r.FoundAt, r.ExceptionId)));
    }

    sealed record Row(Guid ExceptionId, string Kind, string Reference, string Details, DateTime FoundAt, string? Resolution);
}
