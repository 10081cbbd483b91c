using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>Who did what to a course, newest first: for its owner and moderators.</summary>
static class ListCourseHistory
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/courses/{courseId:guid}/history", Handle);

    static async Task<IResult> Handle(Guid courseId, string? cursor, int? limit, HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        long? before = null;
        if (!string.IsNullOrEmpty(cursor))
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var entry))
                return NewestFirst.BadCursor();
            before = entry;
        }

        var actor = http.Actor();
        var size = Math.Clamp(limit ?? 20, 1, 100);
        await using var connection = await db.OpenConnectionAsync(ct);
        var entries = (await connection.QueryAsync<Row>(
            """
            SELECT history.history_id AS entry, history.actor_id, history.what, history.edit, history.occurred_at
            FROM learning.course
            JOIN learning.course_history AS history USING (course_id)
            WHERE course.course_id = @CourseId
              AND (course.tutor_id = @ActorId OR @Moderator)
              AND (@Before::bigint IS NULL OR history.history_id < @Before)
            ORDER BY history.history_id DESC
            LIMIT @Fetch
            """,
            new { CourseId = courseId, ActorId = actor.Id, Moderator = actor.May("courses.moderate"), Before = before, Fetch = size + 1 })).AsList();
        if (entries.Count == 0 && before is null)
            return InternalApi.Refuse(RefusalKind.NotFound, "course.unknown", "None of your courses has this id.");

        return TypedResults.Ok(new Page<CourseHistoryEntry>(
            [.. entries.Take(size).Select(e => new CourseHistoryEntry(e.Entry, e.ActorId, e.What, e.Edit, e.OccurredAt.Utc()))],
            entries.Count > size ? entries[size - 1].Entry.ToString(CultureInfo.InvariantCulture) : null));
    }

    sealed record Row(long Entry, Guid ActorId, string What, long Edit, DateTime OccurredAt);
}
