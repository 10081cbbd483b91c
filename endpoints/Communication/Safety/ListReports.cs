using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>Reports, open ones oldest first, closed ones newest first (their ids are ordered by time).</summary>
static class ListReports
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/communication/reports", Handle);

    static async Task<IResult> Handle(bool? closed, string? cursor, int? limit, HttpContext http, DynamoTable table, CancellationToken ct)
    {
        if (!http.Actor().May("chat.moderate"))
        {
            return InternalApi.Refuse(RefusalKind.Forbidden, "report.not_moderator", "Only the platform's moderators see reports.");
        }

        if (!IdCursor.TryRead(cursor, out var after))
        {
            return NewestFirst.BadCursor();
        }

        var size = Math.Clamp(limit ?? 20, 1, 100);
        var items = closed == true
            ? await table.Query(Keys.ClosedReports, " ", after?.ToString() ?? Keys.Last, size + 2, newestFirst: true, ct)
            : await table.Query(Keys.OpenReports, after?.ToString() ?? " ", Keys.Last, size + 2, newestFirst: false, ct);
        var reports = items.Where(i => i["sk"].S != after?.ToString()).Select(View).ToArray(); // the bound of the query is included
        var page = reports.Take(size).ToArray();
        return Results.Json(new Page<ReportView>(page, reports.Length > size ? page[^1].ReportId.ToString() : null), CommunicationJson.Web.PageReportView);
    }

    static ReportView View(Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue> item) => new(
        item.Id("sk"),
        item.Id("conversation_id"),
        item.Id("message_id"),
        item.Id("author_id"),
        item.Id("reporter_id"),
        item.Text("text"),
        item.Text("reason")!,
        item.Time("at"),
        item.Text("outcome"),
        item.TimeOrNull("closed_at"));
}
