using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Analytics;

/// <summary>A person's events, newest first: for the person, and for support.</summary>
static class ListBehaviour
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/analytics/me/behaviour", (HttpContext http, BehaviourLog log, IdentityMerges merges, CancellationToken ct, string? cursor = null, int? limit = null)
            => Answer(http.Actor().Id, log, merges, cursor, limit, ct));
        app.MapGet("/internal/analytics/accounts/{accountId:guid}/behaviour", OfAccount);
    }

    static Task<IResult> OfAccount(Guid accountId, HttpContext http, BehaviourLog log, IdentityMerges merges, CancellationToken ct, string? cursor = null, int? limit = null)
        => http.Actor().May("analytics.read")
            ? Answer(accountId, log, merges, cursor, limit, ct)
            : Task.FromResult(InternalApi.Refuse(RefusalKind.Forbidden, "behaviour.reading_not_permitted", "Only support reads what others did."));

    static async Task<IResult> Answer(Guid accountId, BehaviourLog log, IdentityMerges merges, string? cursor, int? limit, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
        {
            return NewestFirst.BadCursor();
        }

        var events = await log.Read(IdentityMerges.PersonsOf(accountId, await merges.Of(accountId, ct)), place, ct);
        return Results.Json(place.Page(events, e => e, e => (e.At.UtcDateTime, e.EventId)));
    }
}
