using System.Globalization;
using Dapper;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>The caller's own account; who has none yet sees the settings that it will begin with.</summary>
static class GetPayoutAccount
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/me/payout-account", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT country, stripe_account_id IS NOT NULL AS open, details_submitted, payouts_enabled, requirements, payout_interval, payout_minimum, version
            FROM payments.tutor_account
            WHERE tutor_id = @tutor
            """, new { tutor = http.Actor().Id }, cancellationToken: ct))
            ?? new Row();
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{row.Version}\"");
        return TypedResults.Ok(new PayoutAccountView(
            row.Open, row.Country, row.DetailsSubmitted, row.PayoutsEnabled, row.Requirements, Enum.Parse<PayoutInterval>(row.PayoutInterval, ignoreCase: true), row.PayoutMinimum, row.Version));
    }

    sealed record Row
    {
        public string? Country { get; init; }

        public bool Open { get; init; }

        public bool DetailsSubmitted { get; init; }

        public bool PayoutsEnabled { get; init; }

        public string[] Requirements { get; init; } = [];

        public string PayoutInterval { get; init; } = "weekly";

        public long PayoutMinimum { get; init; }

        public long Version { get; init; } = 1;
    }
}
