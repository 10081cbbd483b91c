using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Analytics;

/// <summary>How many events a person has, by day, and which anonymous ids count as the person's: for support.</summary>
static class CountBehaviour
{
    const int MaxDays = 31;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/analytics/accounts/{accountId:guid}/behaviour/counts", Handle);

    static async Task<IResult> Handle(Guid accountId, HttpContext http, BehaviourLog log, IdentityMerges merges, TimeProvider time, CancellationToken ct, DateOnly? from = null, DateOnly? to = null)
    {
        if (!http.Actor().May("analytics.read"))
        {
            return InternalApi.Refuse(RefusalKind.Forbidden, "behaviour.reading_not_permitted", "Only support reads what others did.");
        }

        var last = to ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var first = from ?? (last.DayNumber >= MaxDays ? last.AddDays(1 - MaxDays) : DateOnly.MinValue);
        if (first > last || last.DayNumber - first.DayNumber >= MaxDays)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "behaviour.range_too_long", $"From the first to the last day are 1 to {MaxDays} days.", new Dictionary<string, string> { ["to"] = $"At most {MaxDays - 1} days after 'from', not before it." });
        }

        var merged = await merges.Of(accountId, ct);
        var days = await log.Count(IdentityMerges.PersonsOf(accountId, merged), first, last, ct);
        return Results.Json(new BehaviourCounts(first, last, days.Sum(d => d.Events), days, merged));
    }
}
