using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>A receipt and whose it is.</summary>
sealed record Receipt(Guid PayerId, ReceiptView View)
{
    public static async Task<Receipt?> Read(NpgsqlDataSource db, Guid purchaseId, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT p.payer_id, r.year, r.number, p.title, p.lessons, p.captured_minor, p.refunded_minor, p.currency, COALESCE(p.paid_at, r.issued_at) AS paid_at
            FROM payments.receipt r
            JOIN payments.purchase p USING (purchase_id)
            WHERE r.purchase_id = @purchaseId
            """,
            new { purchaseId },
            cancellationToken: ct));
        return row is null
            ? null
            : new(row.PayerId, new(
                string.Create(CultureInfo.InvariantCulture, $"{row.Year}-{row.Number:D6}"),
                purchaseId,
                row.Title,
                row.Lessons,
                new Money(row.CapturedMinor, row.Currency),
                new Money(row.RefundedMinor, row.Currency),
                row.PaidAt.Utc()));
    }

    sealed record Row(Guid PayerId, int Year, int Number, string Title, int Lessons, long CapturedMinor, long RefundedMinor, string Currency, DateTime PaidAt);
}

static class MoneyText
{
    /// <summary>An amount as people read it: <c>EUR 1,234.50</c>, <c>JPY 500</c>, <c>KWD 1.250</c>.</summary>
    public static string Of(Money money)
    {
        var digits = Currencies.Digits(money.Currency);
        var units = money.MinorUnits / digits switch { 0 => 1m, 2 => 100m, _ => 1000m };
        return string.Create(CultureInfo.InvariantCulture, $"{money.Currency} {units.ToString($"N{digits}", CultureInfo.InvariantCulture)}");
    }
}
