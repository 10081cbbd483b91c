using Dapper;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

static class ListMyCoupons
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/me/coupons", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT coupon_id, code, platform, percent_off, item_id, max_uses, uses, expires_at, retired_at IS NOT NULL AS retired, created_at
            FROM payments.coupon
            WHERE owner_id = @owner AND (@Before::timestamptz IS NULL OR (created_at, coupon_id) < (@Before, @BeforeId))
            ORDER BY created_at DESC, coupon_id DESC
            LIMIT @Fetch
            """,
            new { owner = http.Actor().Id, place.Before, place.BeforeId, place.Fetch },
            cancellationToken: ct))).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new CouponView(r.CouponId, r.Code, r.Platform, r.PercentOff, r.ItemId, r.MaxUses, r.Uses, r.ExpiresAt.Utc(), r.Retired),
            r => (r.CreatedAt, r.CouponId)));
    }

    sealed record Row(Guid CouponId, string Code, bool Platform, int PercentOff, Guid? ItemId, int MaxUses, int Uses, DateTime ExpiresAt, bool Retired, DateTime CreatedAt);
}
