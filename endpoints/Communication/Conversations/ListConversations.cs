using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>The caller's conversations, the most recently active first. All memberships are read for it, which is why there is a most.</summary>
static class ListConversations
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/communication/conversations", Handle);
        app.MapGet("/internal/communication/conversation-ids", Ids);
        app.MapGet("/internal/communication/unread", Unread);
    }

    static async Task<IResult> Handle(string? cursor, int? limit, HttpContext http, ConversationReads reads, CancellationToken ct)
    {
        if (NewestFirst.Read(cursor, limit) is not { } place)
        {
            return NewestFirst.BadCursor();
        }

        var account = http.Actor().Id;
        var memberships = await reads.MembershipsOf(account, ct);
        var activity = await reads.Activity(memberships, ct);
        var rows = memberships
            .Select(m => (Item: m, Id: m.Id("conversation_id"), At: (activity.TryGetValue(m["sk"].S, out var at) ? at : m.Time("joined_at")).UtcDateTime))
            .OrderByDescending(r => r.At).ThenByDescending(r => r.Id)
            .Where(r => place.Before is not { } before || r.At < before || (r.At == before && r.Id.CompareTo(place.BeforeId!.Value) < 0))
            .Take(place.Fetch).ToList();
        var views = (await reads.Views(account, [.. rows.Take(place.Limit).Select(r => r.Item)], ct)).ToDictionary(v => v.ConversationId);
        var page = place.Page(rows, r => views.GetValueOrDefault(r.Id), r => (r.At, r.Id));
        return Results.Json(new Page<ConversationView>([.. page.Items.OfType<ConversationView>()], page.Next), CommunicationJson.Web.PageConversationView);
    }

    /// <summary>The ids alone: what a socket listens to.</summary>
    static async Task<IResult> Ids(HttpContext http, ConversationReads reads, CancellationToken ct)
        => Results.Json((await reads.MembershipsOf(http.Actor().Id, ct)).Select(m => m.Id("conversation_id")).ToArray(), CommunicationJson.Web.GuidArray);

    static async Task<IResult> Unread(HttpContext http, ConversationReads reads, CancellationToken ct)
        => Results.Json(await reads.Unread(http.Actor().Id, ct), CommunicationJson.Web.UnreadView);
}
