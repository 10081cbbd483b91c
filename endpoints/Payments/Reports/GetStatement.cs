using System.Buffers.Binary;
using System.Buffers.Text;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>
/// The caller's own balance in a currency, day by day: every posting with the balance after it, in pages; as a table all lines at once.
/// </summary>
static class GetStatement
{
    /// <summary>As many lines as a table may have; the gateway passes on 8 MB at most.</summary>
    const int LongestTable = 40_000;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/me/statement", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, string currency, DateOnly from, DateOnly to, string? format, string? cursor, int? limit, CancellationToken ct)
    {
        if (!Currencies.Known(currency) || from > to || from.Year < 2000 || to.Year > 2100)
            return InternalApi.Refuse(RefusalKind.Invalid, "statement.range", "A currency of ISO 4217, and two days of which the first is not after the last.");
        var table = CsvReport.IsWanted(format);
        var place = Place.Read(table ? null : cursor);
        if (place is null)
            return NewestFirst.BadCursor();

        var size = table ? LongestTable : Math.Clamp(limit ?? 20, 1, 100);
        var begin = from.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var end = to.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        await using var connection = await db.OpenConnectionAsync(ct);
        var lines = (await connection.QueryAsync<Line>(new CommandDefinition(Statement, new
        {
            tutor = http.Actor().Id,
            currency,
            begin,
            end,
            at = place.At ?? begin,
            set = place.Set,
            line = place.Line,
            fetch = size + 1,
        }, cancellationToken: ct))).AsList();

        Money Of(long minorUnits) => new(minorUnits, currency);
        var opening = Of(lines[0].OpeningMinor);
        var closing = Of(lines[0].ClosingMinor);
        lines.RemoveAll(l => l.PostedAt is null);
        var shown = lines.Take(size).Select(l => new StatementLine(l.PostedAt!.Value.Utc(), l.Kind!, l.PurchaseId, Of(l.AmountMinor), Of(l.BalanceMinor)));
        if (!table)
            return TypedResults.Ok(new StatementView(currency, from, to, opening, closing, [.. shown], lines.Count > size ? Place.Write(lines[size - 1]) : null));
        return lines.Count > size
            ? InternalApi.Refuse(RefusalKind.Invalid, "statement.too_long", $"More than {LongestTable} lines. Ask for fewer days at once.")
            : Table(currency, from, to, opening, closing, shown);
    }

    // Balances are known for now, so the balance of an earlier moment is the present one without what came since: the nearer the days, the less is read.
    // All in one statement, because what is posted meanwhile must show in all of its parts or in none.
    internal const string Statement =
        """
        WITH present AS (
            SELECT COALESCE(sum(balance_minor), 0) AS balance
            FROM payments.balance
            WHERE account = 'tutor' AND owner_id = @tutor AND currency = @currency
        ), since AS (
            SELECT
                COALESCE(sum(amount_minor), 0) AS begin,
                COALESCE(sum(amount_minor) FILTER (WHERE posted_at >= @end), 0) AS end,
                COALESCE(sum(amount_minor) FILTER (WHERE (posted_at, posting_set_id, line) > (@at, @set, @line)), 0) AS page
            FROM payments.posting
            WHERE account = 'tutor' AND owner_id = @tutor AND currency = @currency AND posted_at >= @begin
        ), page AS (
            SELECT posted_at, posting_set_id, line, amount_minor
            FROM payments.posting
            WHERE account = 'tutor' AND owner_id = @tutor AND currency = @currency
              AND (posted_at, posting_set_id, line) > (@at, @set, @line) AND posted_at >= @begin AND posted_at < @end
            ORDER BY posted_at, posting_set_id, line
            LIMIT @fetch
        )
        SELECT
            (since.begin - present.balance)::bigint AS opening_minor,
            (since.end - present.balance)::bigint AS closing_minor,
            page.posted_at,
            page.posting_set_id,
            page.line AS line_number,
            s.kind,
            s.purchase_id,
            COALESCE(-page.amount_minor, 0) AS amount_minor,
            (since.page - present.balance - COALESCE(sum(page.amount_minor) OVER (ORDER BY page.posted_at, page.posting_set_id, page.line), 0))::bigint AS balance_minor
        FROM present
        CROSS JOIN since
        LEFT JOIN page ON true
        LEFT JOIN payments.posting_set s ON s.posting_set_id = page.posting_set_id
        ORDER BY page.posted_at, page.posting_set_id, page.line
        """;

    static IResult Table(string currency, DateOnly from, DateOnly to, Money opening, Money closing, IEnumerable<StatementLine> lines)
    {
        var csv = new CsvReport("at", "what", "purchaseId", "currency", "amount", "balance");
        csv.Row($"{from:yyyy-MM-dd}", "opening", "", currency, "", CsvReport.Decimal(opening));
        foreach (var line in lines)
            csv.Row(CsvReport.Instant(line.At), line.What, line.PurchaseId?.ToString() ?? "", currency, CsvReport.Decimal(line.Amount), CsvReport.Decimal(line.Balance));
        csv.Row($"{to:yyyy-MM-dd}", "closing", "", currency, "", CsvReport.Decimal(closing));
        return csv.Answer();
    }

    /// <summary>Behind a line; before the first when <paramref name="At"/> is null.</summary>
    sealed record Place(DateTime? At, long Set, int Line)
    {
        const int Length = sizeof(long) + sizeof(long) + sizeof(int);

        public static Place? Read(string? cursor)
        {
            if (string.IsNullOrEmpty(cursor))
                return new(null, 0, 0);
            Span<byte> bytes = stackalloc byte[Length];
            if (cursor.Length != 27 || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != Length)
                return null;
            var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
            return ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks
                ? null
                : new(new DateTime(ticks, DateTimeKind.Utc), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadInt32BigEndian(bytes[16..]));
        }

        public static string Write(Line last)
        {
            Span<byte> bytes = stackalloc byte[Length];
            BinaryPrimitives.WriteInt64BigEndian(bytes, last.PostedAt!.Value.Ticks);
            BinaryPrimitives.WriteInt64BigEndian(bytes[8..], last.PostingSetId!.Value);
            BinaryPrimitives.WriteInt32BigEndian(bytes[16..], last.LineNumber!.Value);
            return Base64Url.EncodeToString(bytes);
        }
    }

    /// <summary>A line with the balances of the whole time; without a posting when there is none on the page.</summary>
    sealed record Line(long OpeningMinor, long ClosingMinor, DateTime? PostedAt, long? PostingSetId, int? LineNumber, string? Kind, Guid? PurchaseId, long AmountMinor, long BalanceMinor);
}
