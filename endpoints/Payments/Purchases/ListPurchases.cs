using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>The caller's own purchases; <c>?payerId=</c> somebody's, for support; <c>?sales=true</c> those that were paid of the caller's own items.</summary>
static class ListPurchases
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/purchases", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, TimeProvider time, Guid? payerId, bool? sales, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();
        var actor = http.Actor();
        if (payerId is { } other && other != actor.Id && !actor.May("payments.support"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "purchase.not_permitted", "Only support sees what others have bought.");

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(
            sales is true
                ? """
                  SELECT purchase_id, started_at, state::text AS state
                  FROM payments.purchase
                  WHERE tutor_id = @owner AND paid_at IS NOT NULL AND (@Before::timestamptz IS NULL OR (started_at, purchase_id) < (@Before, @BeforeId))
                  ORDER BY started_at DESC, purchase_id DESC
                  LIMIT @Fetch
                  """
                : """
                  SELECT purchase_id, started_at, state::text AS state
                  FROM payments.purchase
                  WHERE payer_id = @owner AND (@Before::timestamptz IS NULL OR (started_at, purchase_id) < (@Before, @BeforeId))
                  ORDER BY started_at DESC, purchase_id DESC
                  LIMIT @Fetch
                  """,
            new { owner = payerId ?? actor.Id, place.Before, place.BeforeId, place.Fetch })).AsList();
        var now = time.GetUtcNow();
        return TypedResults.Ok(place.Page(rows, r => GetPurchase.View(PurchaseStream.Read(r.State), actor, now), r => (r.StartedAt, r.PurchaseId)));
    }

    sealed record Row(Guid PurchaseId, DateTime StartedAt, string State);
}
