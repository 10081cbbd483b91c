using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>Whom the caller has blocked, by id; the cursor is the last id of a page.</summary>
static class ListMyBlocks
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/communication/blocks", Handle);

    static async Task<IResult> Handle(string? cursor, int? limit, HttpContext http, DynamoTable table, CancellationToken ct)
    {
        if (!IdCursor.TryRead(cursor, out var after))
        {
            return NewestFirst.BadCursor();
        }

        var size = Math.Clamp(limit ?? 20, 1, 100);
        // The key after "B#<id>" in order: with one more character.
        var from = after is null ? Keys.BlockPrefix : Keys.Block(after.Value) + " ";
        var items = await table.Query(Keys.Account(http.Actor().Id), from, Keys.BlockPrefix + Keys.Last, size + 1, newestFirst: false, ct);
        var page = items.Take(size).Select(i => new BlockView(i.Id("account_id"), i.Time("at"))).ToArray();
        return Results.Json(new Page<BlockView>(page, items.Count > size ? page[^1].AccountId.ToString() : null), CommunicationJson.Web.PageBlockView);
    }
}

/// <summary>A cursor that is the id of the last item seen.</summary>
static class IdCursor
{
    public static bool TryRead(string? cursor, out Guid? after)
    {
        after = Guid.TryParse(cursor, out var id) ? id : null;
        return string.IsNullOrEmpty(cursor) || after is not null;
    }
}
