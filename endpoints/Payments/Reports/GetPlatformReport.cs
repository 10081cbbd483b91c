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

/// <summary>The platform's month out of the books, by currency, for administrators.</summary>
static class GetPlatformReport
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/reports/{year:int:range(2000,2100)}/{month:int:range(1,12)}", Handle);

    static async Task<IResult> Handle(int year, int month, HttpContext http, NpgsqlDataSource db, string? format, CancellationToken ct)
    {
        if (!http.Actor().May("payments.admin"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "report.not_permitted", "Only administrators see the platform's figures.");

        var begin = new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Utc);
        await using var connection = await db.OpenConnectionAsync(ct);
        var months = (await connection.QueryAsync<Row>(new CommandDefinition(Report, new { begin, end = begin.AddMonths(1) }, cancellationToken: ct))).Select(View).ToList();
        return CsvReport.IsWanted(format) ? Table(year, month, months) : TypedResults.Ok(new PlatformReportView(year, month, months));
    }

    // Stocks at the end of the month are today's without what came since. One statement, one snapshot: the figures agree with each other.
    const string Report =
        """
        WITH moved AS (
            SELECT
                p.currency,
                -sum(p.amount_minor) FILTER (WHERE p.account = 'platform_fees' AND s.posted_at < @end) AS fees,
                sum(p.amount_minor) FILTER (WHERE p.account = 'stripe_fees' AND s.posted_at < @end) AS stripe_fees,
                -sum(p.amount_minor) FILTER (WHERE p.account = 'stripe' AND s.kind IN ('refundSucceeded', 'refundFailed') AND s.posted_at < @end) AS refunds,
                -sum(p.amount_minor) FILTER (WHERE p.account = 'disputed' AND s.kind = 'disputeLost' AND s.posted_at < @end) AS charged_back,
                sum(p.amount_minor) FILTER (WHERE p.account = 'tutor' AND s.kind IN ('payout', 'payoutFailed') AND s.posted_at < @end) AS paid_out,
                sum(p.amount_minor) FILTER (WHERE p.account = 'held' AND s.posted_at >= @end) AS held_since,
                sum(p.amount_minor) FILTER (WHERE p.account = 'tutor' AND s.posted_at >= @end) AS tutor_since
            FROM payments.posting_set s
            JOIN payments.posting p USING (posting_set_id)
            WHERE s.posted_at >= @begin
            GROUP BY p.currency
        ), present AS (
            SELECT
                currency,
                sum(balance_minor) FILTER (WHERE account = 'held') AS held,
                sum(balance_minor) FILTER (WHERE account = 'tutor') AS tutor
            FROM payments.balance
            GROUP BY currency
        ), paid AS (
            SELECT currency, sum(captured_minor) AS gmv, count(*) AS purchases
            FROM payments.purchase
            WHERE paid_at >= @begin AND paid_at < @end
            GROUP BY currency
        )
        SELECT
            currency,
            COALESCE(gmv, 0)::bigint AS gmv,
            COALESCE(fees, 0)::bigint AS fees,
            COALESCE(stripe_fees, 0)::bigint AS stripe_fees,
            COALESCE(refunds, 0)::bigint AS refunds,
            COALESCE(charged_back, 0)::bigint AS charged_back,
            (COALESCE(held_since, 0) - COALESCE(held, 0))::bigint AS deferred_revenue,
            (COALESCE(tutor_since, 0) - COALESCE(tutor, 0))::bigint AS tutor_balances,
            COALESCE(paid_out, 0)::bigint AS paid_out,
            COALESCE(purchases, 0)::int AS purchases
        FROM present
        FULL JOIN moved USING (currency)
        FULL JOIN paid USING (currency)
        ORDER BY currency
        """;

    static PlatformMonth View(Row r)
    {
        Money Of(long minorUnits) => new(minorUnits, r.Currency);
        return new(r.Currency, Of(r.Gmv), Of(r.Fees), Of(r.StripeFees), Of(r.Refunds), Of(r.ChargedBack), Of(r.DeferredRevenue), Of(r.TutorBalances), Of(r.PaidOut), r.Purchases);
    }

    static IResult Table(int year, int month, List<PlatformMonth> months)
    {
        var csv = new CsvReport("year", "month", "currency", "gmv", "fees", "stripeFees", "refunds", "chargedBack", "deferredRevenue", "tutorBalances", "paidOut", "purchases");
        foreach (var m in months)
        {
            csv.Row(
                year.ToString(CultureInfo.InvariantCulture),
                month.ToString(CultureInfo.InvariantCulture),
                m.Currency,
                CsvReport.Decimal(m.Gmv),
                CsvReport.Decimal(m.Fees),
                CsvReport.Decimal(m.StripeFees),
                CsvReport.Decimal(m.Refunds),
                CsvReport.Decimal(m.ChargedBack),
                CsvReport.Decimal(m.DeferredRevenue),
                CsvReport.Decimal(m.TutorBalances),
                CsvReport.Decimal(m.PaidOut),
                m.Purchases.ToString(CultureInfo.InvariantCulture));
        }

        return csv.Answer();
    }

    sealed record Row(string Currency, long Gmv, long Fees, long StripeFees, long Refunds, long ChargedBack, long DeferredRevenue, long TutorBalances, long PaidOut, int Purchases);
}
