using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>All fees that were ever decided, or those agreed with one tutor, for support.</summary>
static class ListFeeSchedules
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/fees", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, Guid? tutorId, string? cursor, int? limit, CancellationToken ct)
    {
        if (!http.Actor().May("payments.support"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "fee.not_permitted", "Only support sees what fees were agreed.");
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT fee_schedule_id, tutor_id, basis_points, effective_from, set_by, set_at
            FROM payments.fee_schedule
            WHERE (@tutorId::uuid IS NULL OR tutor_id = @tutorId)
              AND (@Before::timestamptz IS NULL OR (set_at, fee_schedule_id) < (@Before, @BeforeId))
            ORDER BY set_at DESC, fee_schedule_id DESC
            LIMIT @Fetch
            """, new { tutorId, place.Before, place.BeforeId, place.Fetch }, cancellationToken: ct))).AsList();
        return TypedResults.Ok(place.Page(
            rows,
            r => new FeeScheduleView(r.FeeScheduleId, r.TutorId, r.BasisPoints, r.EffectiveFrom.Utc(), r.SetBy, r.SetAt.Utc()),
            r => (r.SetAt, r.FeeScheduleId)));
    }

    sealed record Row(Guid FeeScheduleId, Guid? TutorId, int BasisPoints, DateTime EffectiveFrom, Guid SetBy, DateTime SetAt);
}
