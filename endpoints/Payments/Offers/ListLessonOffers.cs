using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>What a tutor offers, for everybody; the tutor sees what was withdrawn as well.</summary>
static class ListLessonOffers
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/tutors/{tutorId:guid}/offers", Handle);

    static async Task<IResult> Handle(Guid tutorId, HttpContext http, NpgsqlDataSource db, string? cursor, int? limit, CancellationToken ct)
    {
        Guid? after = Guid.TryParse(cursor, out var last) ? last : null;
        if (after is null && !string.IsNullOrEmpty(cursor))
            return NewestFirst.BadCursor();
        var size = Math.Clamp(limit ?? 20, 1, 100);
        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT offer_id, title, lessons, price_minor, currency, withdrawn_at IS NOT NULL AS withdrawn
            FROM payments.lesson_offer
            WHERE tutor_id = @tutorId
              AND (@after::uuid IS NULL OR offer_id > @after)
              AND (@own OR withdrawn_at IS NULL)
            ORDER BY offer_id
            LIMIT @size + 1
            """,
            new { tutorId, after, own = http.Actor().Id == tutorId, size },
            cancellationToken: ct))).AsList();
        return TypedResults.Ok(new Page<LessonOfferView>(
            [.. rows.Take(size).Select(r => new LessonOfferView(r.OfferId, tutorId, r.Title, r.Lessons, new Money(r.PriceMinor, r.Currency), r.Withdrawn))],
            rows.Count > size ? rows[size - 1].OfferId.ToString() : null));
    }

    sealed record Row(Guid OfferId, string Title, int Lessons, long PriceMinor, string Currency, bool Withdrawn);
}
