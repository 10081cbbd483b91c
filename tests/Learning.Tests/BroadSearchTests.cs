using System.Net.Http.Json;
using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class BroadSearchTests
{
    [Fact]
    public async Task Of_very_many_matches_the_popular_are_found_and_the_counts_are_called_approximate()
    {
        // A worker of its own: three thousand popular courses would crowd out those of every other test.
        await using var worker = await WorkerUnderTest.Start("learning", LearningEndpoint.Build);
        const string word = "everything";
        var tutor = Guid.CreateVersion7();
        var ids = Enumerable.Range(0, 3_200).Select(_ => Guid.CreateVersion7()).ToArray();
        await using (var connection = await worker.Db.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO learning.course (course_id, tutor_id, slug, status, published_version, created_at)
                SELECT id, @tutor, id::text, 'published', 1, now()
                FROM unnest(@ids) AS id;

                INSERT INTO learning.catalogue (course_id, slug, tutor_id, title, summary, language, level, subjects, price_minor, currency, lessons, minutes, published_at, search)
                SELECT id, id::text, @tutor, @title, 'Many.', 'en', 'all', ARRAY['drama'], place % 7 * 100, 'EUR', 1, 1, now() - place * interval '1 minute',
                       learning.catalogue_text('en', @title, ARRAY['drama'], 'Many.')
                FROM unnest(@ids) WITH ORDINALITY AS many (id, place);

                INSERT INTO learning.course_learners (course_id, learners)
                SELECT id, place
                FROM unnest(@ids) WITH ORDINALITY AS many (id, place);

                INSERT INTO learning.catalogue_configuration VALUES ('learning.english') ON CONFLICT DO NOTHING;

                SELECT learning.learn_words('en', @title);
                """,
                new { ids, tutor, title = $"Almost {word}" });
        }

        foreach (var (sort, first) in new[] { ("relevance", (Guid?)null), ("newest", ids[0]), ("popular", ids[^1]), ("price", null) })
        {
            var seen = new List<Guid>();
            string? cursor = null;
            for (var pages = 0; pages < 4; pages++)
            {
                var page = (await worker.Api().GetFromJsonAsync($"/internal/learning/catalogue?q={word}&sort={sort}&limit=100&cursor={cursor}", LearningJson.Web.CataloguePage))!;
                (page.Total, page.Approximate, page.Items.Count).ShouldBe((3_000, true, 100));
                page.Facets.Subjects.ShouldBe([new FacetCount("drama", 3_000)]);
                seen.AddRange(page.Items.Select(i => i.CourseId));
                cursor = page.Next.ShouldNotBeNull();
            }

            seen.Distinct().Count().ShouldBe(400, sort);
            if (first is { } expected)
                seen[0].ShouldBe(expected, sort);
        }
    }
}
