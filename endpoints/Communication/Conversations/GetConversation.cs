using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>One conversation, its members, and what the caller may do in it: for its members only.</summary>
static class GetConversation
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/communication/conversations/{conversationId:guid}", Handle);
        app.MapGet("/internal/communication/conversations/{conversationId:guid}/members", Members);
        app.MapGet("/internal/communication/conversations/{conversationId:guid}/access", Access);
    }

    /// <summary>Why somebody does not see a conversation. Both answers are 404; a member-to-be learns no more than that it exists.</summary>
    public static async Task<IResult> Refuse(DynamoTable table, Guid conversation, CancellationToken ct)
        => await Conversation.Find(table, conversation, ct) is null
            ? InternalApi.Refuse(RefusalKind.NotFound, "conversation.not_found", "There is no such conversation.")
            : InternalApi.Refuse(RefusalKind.NotFound, "conversation.not_a_member", "You are not a member of this conversation.");

    static async Task<IResult> Handle(Guid conversationId, HttpContext http, DynamoTable table, ConversationReads reads, CancellationToken ct)
    {
        var account = http.Actor().Id;
        return await table.Get(Keys.Account(account), Keys.Conversation(conversationId), ct) is { } membership
            && await reads.Views(account, [membership], ct) is [var view]
            ? Results.Json(view, CommunicationJson.Web.ConversationView)
            : await Refuse(table, conversationId, ct);
    }

    static async Task<IResult> Members(Guid conversationId, string? cursor, int? limit, HttpContext http, DynamoTable table, CancellationToken ct)
    {
        if (!IdCursor.TryRead(cursor, out var after))
        {
            return NewestFirst.BadCursor();
        }

        if (await Membership.Find(table, conversationId, http.Actor().Id, ct) is null)
        {
            return await Refuse(table, conversationId, ct);
        }

        var (pk, size) = (Keys.Conversation(conversationId), Math.Clamp(limit ?? 100, 1, 200));
        var from = after is null ? Keys.MemberPrefix : Keys.Member(after.Value) + " ";
        var items = await table.Query(pk, from, Keys.MemberPrefix + Keys.Last, size + 1, newestFirst: false, ct);
        var page = items.Take(size).Select(Membership.Of).ToArray();
        var read = (await table.GetMany([.. page.Select(m => (pk, Keys.Read(m.AccountId)))], ct)).ToDictionary(i => i["sk"].S, i => i.Number("sequence"), StringComparer.Ordinal);
        return Results.Json(
            new Page<MemberView>(
                [.. page.Select(m => new MemberView(m.AccountId, m.Moderator, m.JoinedAt, Math.Max(m.FromSequence, read.GetValueOrDefault(Keys.Read(m.AccountId)))))],
                items.Count > size ? page[^1].AccountId.ToString() : null),
            CommunicationJson.Web.PageMemberView);
    }

    /// <summary>Suspended people need no word here: the gateway honours no token of theirs.</summary>
    static async Task<IResult> Access(Guid conversationId, HttpContext http, DynamoTable table, CancellationToken ct)
    {
        var account = http.Actor().Id;
        if (await Membership.Find(table, conversationId, account, ct) is not { } member)
        {
            return await Refuse(table, conversationId, ct);
        }

        var mayPost = member.OtherId is not { } other || !await Blocks.Between(table, account, other, ct);
        var state = await table.Get(Keys.Conversation(conversationId), Keys.State, ct);
        return Results.Json(new ConversationAccess(member.Kind, member.Moderator, mayPost, state?.Number("last_sequence") ?? 0), CommunicationJson.Web.ConversationAccess);
    }
}
