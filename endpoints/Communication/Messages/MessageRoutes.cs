using System.Globalization;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>What a conversation's members read of its log.</summary>
static class MessageRoutes
{
    const string Root = "/internal/communication/conversations/{conversationId:guid}";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Root + "/messages", List);
        app.MapGet(Root + "/messages/search", Search);
        app.MapGet(Root + "/messages/{messageId:guid}", Get);
        app.MapGet(Root + "/entries", Entries);
    }

    static async Task<IResult> List(Guid conversationId, long? before, long? after, int? limit, HttpContext http, DynamoTable table, MessageReads reads, CancellationToken ct)
    {
        if (before is not null && after is not null)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "message.two_places", "A page lies before a place or after one, not both.");
        }

        return await reads.StateFor(conversationId, http.Actor().Id, ct) is { } state
            ? Results.Json(await reads.Page(conversationId, state, Bounded(before), Bounded(after), Math.Clamp(limit ?? 50, 1, 100), ct), CommunicationJson.Web.MessagePage)
            : await GetConversation.Refuse(table, conversationId, ct);
    }

    static async Task<IResult> Get(Guid conversationId, Guid messageId, HttpContext http, DynamoTable table, MessageReads reads, CancellationToken ct)
    {
        if (await reads.StateFor(conversationId, http.Actor().Id, ct) is null)
        {
            return await GetConversation.Refuse(table, conversationId, ct);
        }

        return await reads.Find(conversationId, messageId, ct) is { } message
            ? Results.Json(message, CommunicationJson.Web.MessageView)
            : InternalApi.Refuse(RefusalKind.NotFound, "message.not_found", "There is no such message in this conversation, or it is not stored yet.");
    }

    static async Task<IResult> Entries(Guid conversationId, long? after, int? limit, HttpContext http, DynamoTable table, MessageReads reads, CancellationToken ct)
        => await reads.StateFor(conversationId, http.Actor().Id, ct) is { } state
            ? Results.Json(await reads.EntriesAfter(conversationId, state, Bounded(after) ?? 0, Math.Clamp(limit ?? 100, 1, MessageReads.MaxEntries), ct), CommunicationJson.Web.EntryPage)
            : await GetConversation.Refuse(table, conversationId, ct);

    static async Task<IResult> Search(Guid conversationId, string? q, string? cursor, int? limit, HttpContext http, DynamoTable table, MessageReads reads, CancellationToken ct)
    {
        var wanted = SearchWords.Of(q);
        if (wanted.Count is 0 or > 10)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "search.words", "A search has 1 to 10 words.", new Dictionary<string, string>(StringComparer.Ordinal) { ["q"] = "1 to 10 words, each the beginning of one in the message." });
        }

        var before = long.MaxValue;
        if (!string.IsNullOrEmpty(cursor) && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return NewestFirst.BadCursor();
        }

        return await reads.StateFor(conversationId, http.Actor().Id, ct) is { } state
            ? Results.Json(await reads.Search(conversationId, state, wanted, before, Math.Clamp(limit ?? 20, 1, 50), ct), CommunicationJson.Web.MessageSearchPage)
            : await GetConversation.Refuse(table, conversationId, ct);
    }

    static long? Bounded(long? sequence) => sequence is { } s ? Math.Clamp(s, 0, long.MaxValue - 1) : null;
}
