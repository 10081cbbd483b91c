using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

static class GetQuote
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/quotes/{quoteId:guid}", Handle);

    static async Task<IResult> Handle(Guid quoteId, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var quote = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT q.kind, q.item_id, q.title, q.lessons, q.list_minor, q.price_minor, q.fee_minor, q.currency, q.fee_basis_points, c.code, q.expires_at
            FROM payments.quote q
            LEFT JOIN payments.coupon c USING (coupon_id)
            WHERE q.quote_id = @quoteId AND q.payer_id = @payer
            """, new { quoteId, payer = http.Actor().Id });
        return quote is null
            ? InternalApi.Refuse(RefusalKind.NotFound, "quote.not_found", "There is no such quote of yours.")
            : TypedResults.Ok(new QuoteView(
                quoteId,
                Enum.Parse<PurchaseKind>(quote.Kind, ignoreCase: true),
                quote.ItemId,
                quote.Title,
                quote.Lessons,
                new Money(quote.ListMinor, quote.Currency),
                new Money(quote.PriceMinor, quote.Currency),
                new Money(quote.FeeMinor, quote.Currency),
                new Money(quote.PriceMinor - quote.FeeMinor, quote.Currency),
                quote.FeeBasisPoints,
                quote.Code,
                quote.ExpiresAt.Utc()));
    }

    sealed record Row(string Kind, Guid ItemId, string Title, int Lessons, long ListMinor, long PriceMinor, long FeeMinor, string Currency, int FeeBasisPoints, string? Code, DateTime ExpiresAt);
}
