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

/// <summary>A purchase for its payer, its tutor and support; nobody else learns that it exists.</summary>
static class GetPurchase
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/payments/purchases/{purchaseId:guid}", Handle);

    static async Task<IResult> Handle(Guid purchaseId, HttpContext http, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        if (await Visible(db, purchaseId, http.Actor(), tutorToo: true, ct) is not { } purchase)
            return NotFound();
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{purchase.Version}\"");
        return TypedResults.Ok(View(purchase, http.Actor(), time.GetUtcNow()));
    }

    /// <summary>The purchase, when this caller may see it.</summary>
    public static async Task<Purchase?> Visible(NpgsqlDataSource db, Guid purchaseId, Actor actor, bool tutorToo, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var state = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            """
            SELECT state::text
            FROM payments.purchase
            WHERE purchase_id = @purchaseId AND (payer_id = @actor OR @support OR (@tutorToo AND tutor_id = @actor AND paid_at IS NOT NULL))
            """, new { purchaseId, actor = actor.Id, support = actor.May("payments.support"), tutorToo }, cancellationToken: ct));
        return state is null ? null : PurchaseStream.Read(state);
    }

    public static IResult NotFound() => InternalApi.Refuse(RefusalKind.NotFound, "purchase.not_found", "There is no such purchase.");

    public static PurchaseView View(Purchase purchase, Actor actor, DateTimeOffset now)
    {
        var insider = actor.Id == purchase.PayerId || actor.May("payments.support");
        Money Of(long minorUnits) => new(minorUnits, purchase.Currency);
        return new(
            purchase.Id,
            purchase.Kind,
            purchase.ItemId,
            purchase.Title,
            purchase.PayerId,
            purchase.TutorId,
            purchase.Status,
            Of(purchase.Price),
            Of(purchase.Fee),
            Of(purchase.Price - purchase.Fee),
            Of(purchase.Refunded),
            Of(insider ? purchase.RefundableByPayer(now) : 0),
            purchase.Lessons,
            purchase.LessonsGiven,
            insider ? purchase.LastDecline : null,
            purchase.StartedAt,
            purchase.PaidAt,
            purchase.Version);
    }
}
