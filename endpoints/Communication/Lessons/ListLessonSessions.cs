using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>
/// The caller's live lessons: those to come and those that may be going on, the next first; <c>?past=true</c> those whose time is over, the last first.
/// Planned time decides, so a lesson that was ended early or called off stays where its participants look for it.
/// </summary>
static class ListLessonSessions
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/communication/sessions", Handle);

    static async Task<IResult> Handle(bool? past, string? cursor, int? limit, HttpContext http, DynamoTable table, TimeProvider time, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
            return NewestFirst.BadCursor();
        var (account, now) = (http.Actor().Id, time.GetUtcNow());
        var seen = place is { Before: { } at, BeforeId: { } id } ? SessionKeys.Entry(new DateTimeOffset(at, TimeSpan.Zero), id) : null;
        var (from, to) = past is true ? (SessionKeys.Prefix, seen ?? SessionKeys.From(now)) : (seen ?? SessionKeys.From(now), SessionKeys.Prefix + Keys.Last);
        // The bounds are included, so the last row seen comes once more.
        var entries = (await table.Query(Keys.Account(account), from, to, place.Fetch + 1, newestFirst: past is true, ct)).Where(e => e["sk"].S != seen)
            .Select(e => (Id: e.Id("session_id"), At: e.Time("last_end").UtcDateTime)).Take(place.Fetch).ToList();
        var sessions = (await table.FindSessions([.. entries.Select(e => e.Id)], ct)).ToDictionary(s => s.Id);
        var page = place.Page(entries, e => sessions.TryGetValue(e.Id, out var session) ? session.View(now, account) : null, e => (e.At, e.Id));
        return Results.Json(new Page<LessonSessionView>([.. page.Items.OfType<LessonSessionView>()], page.Next), CommunicationJson.Web.PageLessonSessionView);
    }
}
