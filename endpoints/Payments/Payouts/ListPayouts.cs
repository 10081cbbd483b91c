using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>The caller's own payouts.</summary>
static class ListPayouts
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/me/payouts", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT payout_id, amount_minor, currency, status, failure_code, created_at, arrives_at
            FROM payments.payout
            WHERE tutor_id = @tutor AND (@Before::timestamptz IS NULL OR (created_at, payout_id) < (@Before, @BeforeId))
            ORDER BY created_at DESC, payout_id DESC
            LIMIT @Fetch
            """, new { tutor = http.Actor().Id, place.Before, place.BeforeId, place.Fetch }, cancellationToken: ct))).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new PayoutView(r.PayoutId, new Money(r.AmountMinor, r.Currency), r.Status, r.FailureCode, r.CreatedAt.Utc(), r.ArrivesAt.Utc()),
            r => (r.CreatedAt, r.PayoutId)));
    }

    sealed record Row(Guid PayoutId, long AmountMinor, string Currency, string Status, string? FailureCode, DateTime CreatedAt, DateTime? ArrivesAt);
}
