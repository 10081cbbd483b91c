using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>A path that its author is about to change.</summary>
sealed record OwnPath(Guid AuthorId, long Edit, bool Published)
{
    /// <summary>Locks the path for its author; null when the command was refused instead.</summary>
    public static async Task<OwnPath?> Lock(Guid pathId, Actor by, long? ifVersion, IMessageHandlerContext context)
    {
        var path = await context.Db.QuerySingleOrDefaultAsync<OwnPath>(
            """
            SELECT author_id AS AuthorId, edit AS Edit, published_at IS NOT NULL AS Published
            FROM learning.path
            WHERE path_id = @pathId
            FOR UPDATE
            """,
            new { pathId });

        if (path is null || (path.AuthorId != by.Id && !path.Published))
            await context.Refuse(RefusalKind.NotFound, "path.not_found", "There is no such learning path.");
        else if (path.AuthorId != by.Id || !by.May("paths.author"))
            await context.Refuse(RefusalKind.Forbidden, "path.not_yours", "Only its author changes a learning path.");
        else if (ifVersion is { } expected && expected != path.Edit)
            await context.Refuse(RefusalKind.Stale, "path.changed", $"The path was changed since: it is at version {path.Edit}.");
        else
            return path;

        return null;
    }
}
