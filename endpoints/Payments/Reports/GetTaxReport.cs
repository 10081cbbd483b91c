using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>What the caller was credited in a year, by quarter and currency, out of the books: it agrees with the statement to the minor unit.</summary>
static class GetTaxReport
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/me/tax-reports/{year:int:range(2000,2100)}", Handle);

    static async Task<IResult> Handle(int year, HttpContext http, NpgsqlDataSource db, string? format, CancellationToken ct)
    {
        var tutor = http.Actor().Id;
        var begin = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await using var connection = await db.OpenConnectionAsync(ct);
        var quarters = (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            WITH credited AS (
                SELECT
                    extract(quarter FROM s.posted_at AT TIME ZONE 'UTC')::int AS quarter,
                    p.currency,
                    -COALESCE(sum(p.amount_minor) FILTER (WHERE p.account = 'tutor'), 0) AS earned,
                    -COALESCE(sum(p.amount_minor) FILTER (WHERE p.account = 'platform_fees'), 0) AS fees
                FROM payments.purchase b
                JOIN payments.posting_set s USING (purchase_id)
                JOIN payments.posting p USING (posting_set_id)
                WHERE b.tutor_id = @tutor AND s.posted_at >= @begin AND s.posted_at < @end AND p.account IN ('tutor', 'platform_fees')
                GROUP BY 1, 2
            ), paid AS (
                SELECT extract(quarter FROM paid_at AT TIME ZONE 'UTC')::int AS quarter, currency, count(*) AS activities
                FROM payments.purchase
                WHERE tutor_id = @tutor AND paid_at >= @begin AND paid_at < @end
                GROUP BY 1, 2
            )
            SELECT quarter, currency, COALESCE(activities, 0)::int AS activities, COALESCE(fees, 0)::bigint AS fees, COALESCE(earned, 0)::bigint AS earned
            FROM credited
            FULL JOIN paid USING (quarter, currency)
            ORDER BY quarter, currency
            """, new { tutor, begin, end = begin.AddYears(1) }, cancellationToken: ct)))
            .Select(r => new TaxQuarter(r.Quarter, r.Currency, r.Activities, new Money(r.Fees + r.Earned, r.Currency), new Money(r.Fees, r.Currency), new Money(r.Earned, r.Currency)))
            .ToList();
        return CsvReport.IsWanted(format) ? Table(tutor, year, quarters) : TypedResults.Ok(new TaxReportView(tutor, year, quarters));
    }

    static IResult Table(Guid tutor, int year, List<TaxQuarter> quarters)
    {
        var csv = new CsvReport("tutorId", "year", "quarter", "currency", "activities", "consideration", "fees", "earned");
        foreach (var q in quarters)
        {
            csv.Row(
                tutor.ToString(),
                year.ToString(CultureInfo.InvariantCulture),
                q.Quarter.ToString(CultureInfo.InvariantCulture),
                q.Currency,
                q.Activities.ToString(CultureInfo.InvariantCulture),
                CsvReport.Decimal(q.Consideration),
                CsvReport.Decimal(q.Fees),
                CsvReport.Decimal(q.Earned));
        }

        return csv.Answer();
    }

    sealed record Row(int Quarter, string Currency, int Activities, long Fees, long Earned);
}
