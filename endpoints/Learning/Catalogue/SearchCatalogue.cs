using System.Net;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>
/// The catalogue: searched by words with typo tolerance, filtered, counted by facets, paged. Up to <see cref="Bound"/> matches everything is
/// exact. Beyond it the facets count that many of them, and relevance ranks these and the <see cref="Ranked"/> most popular of the matches
/// (looked for among the <see cref="Popular"/> most popular courses): who asks for "introduction" is served by neither the ten-thousandth match nor its exact count, and no search reads the
/// whole catalogue.
/// </summary>
static class SearchCatalogue
{
    const int Bound = 3_000;
    const int Popular = 6_000;
    const int Ranked = 300;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/catalogue", Handle);

    static async Task<IResult> Handle([AsParameters] Asked asked, NpgsqlDataSource db, CancellationToken ct)
    {
        var sort = asked.Sort is { } name && Enum.TryParse<CatalogueSort>(name, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed : CatalogueSort.Relevance;
        if (sort == CatalogueSort.Relevance && string.IsNullOrWhiteSpace(asked.Q))
            sort = CatalogueSort.Popular;
        var behind = string.IsNullOrEmpty(asked.Cursor) ? null : CatalogueCursor.Read(asked.Cursor, sort);
        if (behind is null && !string.IsNullOrEmpty(asked.Cursor))
            return NewestFirst.BadCursor();

        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        // Every search is planned for its own words: a plan that fits 'introduction' is a hundred times too slow for 'ethnomusicology'. With
        // words the bitmap beats reading the table even where the planner doubts it; a second process would cost more than it saves.
        await connection.ExecuteAsync(
            """
            SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
                   set_config('jit', 'off', true),
                   set_config('max_parallel_workers_per_gather', '0', true),
                   set_config('enable_seqscan', CASE WHEN @HasWords THEN 'off' ELSE 'on' END, true)
            """,
            new { HasWords = !string.IsNullOrWhiteSpace(asked.Q) });

        var language = asked.Language is { Length: > 0 } tag ? Printable(tag).ToLowerInvariant() : null;
        var words = string.IsNullOrWhiteSpace(asked.Q) ? null : await CatalogueWords.Understand(connection, Printable(asked.Q), language);
        if (words is { Query: null })
            return TypedResults.Ok(new CataloguePage([], null, 0, false, new CatalogueFacets([], [], [], 0, 0), null));

        var limit = Math.Clamp(asked.Limit ?? 20, 1, 100);
        var search = new
        {
            words?.Query,
            Subjects = asked.Subject is { Length: > 0 } subjects ? subjects.Select(Printable).ToArray() : null,
            Level = asked.Level is { } level ? Printable(level) : null,
            Language = language,
            asked.Free,
            asked.MaxPrice,
            Currency = Printable(asked.Currency ?? "EUR"),
            Sort = sort.ToString(),
            Key = behind?.Key,
            KeyId = behind?.CourseId,
            Fetch = limit + 1,
            Bound,
            Popular,
            Ranked,
        };
        var rows = (await connection.QueryAsync<Row>(CountedSql, search)).AsList();
        var total = rows.Find(r => r.What is "total")!.Count;
        var approximate = total > Bound;
        var found = rows.FindAll(r => r.What is "course");
        if (approximate)
        {
            var met = (await connection.QueryAsync<Row>(BroadSql(sort), search)).AsList();
            found = sort == CatalogueSort.Relevance ? Merge(found, met, limit + 1) : met;
        }

        var items = await Show(connection, [.. found.Take(limit).Select(r => r.CourseId)], words?.Query);
        var last = found.Count > limit ? found[limit - 1] : null;
        return TypedResults.Ok(new CataloguePage(
            items,
            last is null ? null : new CatalogueCursor(sort, last.Key, last.CourseId).ToString(),
            Math.Min(total, Bound),
            approximate,
            Facets(rows),
            words?.SearchedFor));
    }

    const string Matches =
        """
        (@Query::tsquery IS NULL OR c.search @@ @Query::tsquery)
          AND (@Subjects::text[] IS NULL OR c.subjects @> @Subjects)
          AND (@Level::text IS NULL OR c.level = @Level)
          AND (@Language::text IS NULL OR (lower(split_part(c.language, '-', 1)) = split_part(@Language, '-', 1) AND @Language IN (lower(c.language), split_part(@Language, '-', 1))))
          AND (@Free::boolean IS NULL OR (c.price_minor = 0) = @Free)
          AND (@MaxPrice::bigint IS NULL OR c.price_minor = 0 OR (c.price_minor <= @MaxPrice AND c.currency = @Currency))
        """;

    const string Rank = "(ts_rank('{0.1, 0.3, 0.6, 1.0}', c.search, @Query::tsquery) * 1000000)::bigint";

    const string CountedSql =
        $"""
        WITH match AS MATERIALIZED (
            SELECT c.course_id, c.level, c.language, c.subjects, c.price_minor,
                   CASE @Sort
                       WHEN 'Relevance' THEN {Rank}
                       WHEN 'Newest' THEN (extract(epoch FROM c.published_at) * 1000000)::bigint
                       WHEN 'Popular' THEN (SELECT learners FROM learning.course_learners AS l WHERE l.course_id = c.course_id)::bigint
                       ELSE -c.price_minor
                   END AS key
            FROM learning.catalogue AS c
            WHERE {Matches}
            LIMIT @Bound + 1
        ), total AS (
            SELECT count(*)::int AS courses, count(*) FILTER (WHERE price_minor = 0)::int AS free
            FROM match
        )
        SELECT 'total' AS what, '' AS value, courses AS count, NULL::uuid AS course_id, 0::bigint AS key
        FROM total
        UNION ALL
        SELECT 'free', '', free, NULL, 0
        FROM total
        UNION ALL
        (SELECT 'level', level, count(*)::int, NULL, 0 FROM match GROUP BY level ORDER BY 3 DESC, 2 LIMIT 50)
        UNION ALL
        (SELECT 'language', language, count(*)::int, NULL, 0 FROM match GROUP BY language ORDER BY 3 DESC, 2 LIMIT 50)
        UNION ALL
        (SELECT 'subject', subject, count(*)::int, NULL, 0 FROM match, unnest(subjects) AS subject GROUP BY subject ORDER BY 3 DESC, 2 LIMIT 50)
        UNION ALL
        (SELECT 'course', '', 0, course_id, key
         FROM match
         WHERE @Key::bigint IS NULL OR (key, course_id) < (@Key, @KeyId::uuid)
         ORDER BY key DESC, course_id DESC
         LIMIT @Fetch)
        """;

    // Many match, so walking an index in the wanted order meets enough of them soon.
    static string BroadSql(CatalogueSort sort) => sort switch
    {
        CatalogueSort.Newest =>
            $"""
            SELECT 'course' AS what, '' AS value, 0 AS count, c.course_id, (extract(epoch FROM c.published_at) * 1000000)::bigint AS key
            FROM learning.catalogue AS c
            WHERE {Matches}
              AND (@Key::bigint IS NULL OR (c.published_at, c.course_id) < ('epoch'::timestamptz + @Key * interval '1 microsecond', @KeyId::uuid))
            ORDER BY c.published_at DESC, c.course_id DESC
            LIMIT @Fetch
            """,
        CatalogueSort.Price =>
            $"""
            SELECT 'course' AS what, '' AS value, 0 AS count, c.course_id, -c.price_minor AS key
            FROM learning.catalogue AS c
            WHERE {Matches}
              AND (@Key::bigint IS NULL OR (c.price_minor >= -@Key AND (c.price_minor > -@Key OR c.course_id < @KeyId::uuid)))
            ORDER BY c.price_minor, c.course_id DESC
            LIMIT @Fetch
            """,
        CatalogueSort.Popular =>
            $"""
            SELECT 'course' AS what, '' AS value, 0 AS count, c.course_id, l.learners::bigint AS key
            FROM learning.course_learners AS l
            JOIN learning.catalogue AS c ON c.course_id = l.course_id
            WHERE {Matches}
              AND (@Key::bigint IS NULL OR (l.learners, l.course_id) < (@Key::int, @KeyId::uuid))
            ORDER BY l.learners DESC, l.course_id DESC
            LIMIT @Fetch
            """,
        _ =>
            $"""
            WITH popular AS MATERIALIZED (
                SELECT course_id
                FROM learning.course_learners
                ORDER BY learners DESC, course_id DESC
                LIMIT @Popular
            ), match AS MATERIALIZED (
                SELECT c.course_id, {Rank} AS key
                FROM popular
                -- OFFSET keeps the planner from collecting all matches first, which are many.
                CROSS JOIN LATERAL (SELECT * FROM learning.catalogue WHERE course_id = popular.course_id OFFSET 0) AS c
                WHERE {Matches}
                LIMIT @Ranked
            )
            SELECT 'course' AS what, '' AS value, 0 AS count, course_id, key
            FROM match
            WHERE @Key::bigint IS NULL OR (key, course_id) < (@Key, @KeyId::uuid)
            ORDER BY key DESC, course_id DESC
            LIMIT @Fetch
            """,
    };

    // In the order of the database, which compares ids by their bytes from the left.
    static List<Row> Merge(List<Row> some, List<Row> others, int count)
        => [.. some.Concat(others)
            .DistinctBy(r => r.CourseId)
            .OrderByDescending(r => r.Key)
            .ThenByDescending(r => r.CourseId.ToString(), StringComparer.Ordinal)
            .Take(count)];

    static CatalogueFacets Facets(List<Row> rows)
    {
        var total = Math.Min(rows.Find(r => r.What is "total")!.Count, Bound);
        var free = Math.Min(rows.Find(r => r.What is "free")!.Count, total);
        return new CatalogueFacets(Of("subject"), Of("level"), Of("language"), free, total - free);

        List<FacetCount> Of(string what) => [.. rows.Where(r => string.Equals(r.What, what, StringComparison.Ordinal)).Select(r => new FacetCount(r.Value, Math.Min(r.Count, total)))];
    }

    static async Task<List<CatalogueCourse>> Show(NpgsqlConnection connection, Guid[] courses, string? query)
    {
        var shown = await connection.QueryAsync<Shown>(
            """
            SELECT c.course_id, c.slug, c.title, c.summary, c.tutor_id, c.language, c.level, c.subjects, c.price_minor, c.currency, c.lessons, c.minutes,
                   coalesce(l.learners, 0) AS learners, c.published_at,
                   ts_headline(learning.search_configuration(c.language), c.title, @Query::tsquery, @Marks) AS title_marked,
                   ts_headline(learning.search_configuration(c.language), c.summary, @Query::tsquery, @Marks) AS summary_marked
            FROM unnest(@Courses) WITH ORDINALITY AS wanted (course_id, place)
            JOIN learning.catalogue AS c USING (course_id)
            LEFT JOIN learning.course_learners AS l USING (course_id)
            ORDER BY wanted.place
            """,
            new { Courses = courses, Query = query, Marks = $"HighlightAll=true, StartSel={MarkStart}, StopSel={MarkEnd}" });
        return [.. shown.Select(c => new CatalogueCourse(
            c.CourseId,
            c.Slug,
            c.Title,
            c.Summary,
            c.TutorId,
            c.Language,
            c.Level,
            c.Subjects,
            c.PriceMinor > 0 ? new Money(c.PriceMinor, c.Currency!) : null,
            c.Lessons,
            c.Minutes,
            c.Learners,
            c.PublishedAt.Utc(),
            Marked(c.TitleMarked),
            Marked(c.SummaryMarked)))];
    }

    // Private-use characters mark the words until the text has been encoded.
    const string MarkStart = "\uE000";
    const string MarkEnd = "\uE001";

    static string? Marked(string? text)
        => text is null ? null : WebUtility.HtmlEncode(text).Replace(MarkStart, "<mark>", StringComparison.Ordinal).Replace(MarkEnd, "</mark>", StringComparison.Ordinal);

    // The database takes no NUL and no half of a surrogate pair, which a URL can carry.
    static string Printable(string text)
        => string.Concat(text.EnumerateRunes().Where(r => r.Value != 0 && r != System.Text.Rune.ReplacementChar).Select(r => r.ToString()));

    sealed record Asked(
        string? Q,
        string[]? Subject,
        string? Level,
        string? Language,
        bool? Free,
        long? MaxPrice,
        string? Currency,
        string? Sort,
        string? Cursor,
        int? Limit);

    sealed record Row(string What, string Value, int Count, Guid CourseId, long Key);

    // Properties, not a constructor: Dapper does not see through the type of an array's column.
    sealed record Shown
    {
        public Guid CourseId { get; init; }

        public string Slug { get; init; } = "";

        public string Title { get; init; } = "";

        public string Summary { get; init; } = "";

        public Guid TutorId { get; init; }

        public string Language { get; init; } = "";

        public string Level { get; init; } = "";

        public string[] Subjects { get; init; } = [];

        public long PriceMinor { get; init; }

        public string? Currency { get; init; }

        public int Lessons { get; init; }

        public int Minutes { get; init; }

        public int Learners { get; init; }

        public DateTime PublishedAt { get; init; }

        public string? TitleMarked { get; init; }

        public string? SummaryMarked { get; init; }
    }
}
