using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

/// <summary>The catalogue is one for all tests, so each searches for words of its own.</summary>
public sealed class SearchCatalogueTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task A_published_course_is_found_by_its_title_and_a_draft_is_not()
    {
        var word = Word();
        var published = await learning.PublishedCourse(LearningFixture.Details($"Studies of {word}"));
        await learning.DraftCourse(LearningFixture.Details($"More {word}"));

        var page = await Search($"q={word}");

        page.Items.ShouldHaveSingleItem().CourseId.ShouldBe(published.Id);
        page.Total.ShouldBe(1);
        page.Approximate.ShouldBeFalse();
        page.SearchedFor.ShouldBeNull();
    }

    [Theory]
    [InlineData("pyhton", "python")]
    [InlineData("algebar", "algebra")]
    [InlineData("trigonmetry", "trigonometry")]
    [InlineData("jvaa", "java")]
    [InlineData("mathematisc", "mathematics")]
    [InlineData("ethnomusciology", "ethnomusicology")]
    public async Task A_slip_of_the_pen_is_forgiven(string typed, string meant)
    {
        var course = await learning.PublishedCourse(LearningFixture.Details($"All about {meant}"));

        var page = await Search($"q={typed}&sort=newest&limit=100");

        page.Items.Select(i => i.CourseId).ShouldContain(course.Id);
        page.SearchedFor.ShouldBe(meant);
    }

    [Theory]
    [InlineData("xqzzvwk")]
    [InlineData("qqqq wwww")]
    [InlineData("!!! ???")]
    [InlineData("%27%20OR%201%3D1--")]
    [InlineData("%00")]
    [InlineData("qqzzj%5C'%26%7C!(")]
    public async Task Junk_finds_nothing_and_breaks_nothing(string junk)
    {
        await learning.PublishedFreeCourse();

        var page = await Search($"q={junk}{(junk.Contains('%', StringComparison.Ordinal) ? "zzqqxx" : "")}");

        page.Items.ShouldBeEmpty();
        page.Total.ShouldBe(0);
    }

    [Fact]
    public async Task A_word_that_is_nowhere_does_not_spoil_the_others()
    {
        var word = Word();
        var course = await learning.PublishedCourse(LearningFixture.Details($"Studies of {word}"));

        var page = await Search($"q={word}%20xqzzvwk");

        page.Items.ShouldHaveSingleItem().CourseId.ShouldBe(course.Id);
        page.SearchedFor.ShouldBe(word);
    }

    [Fact]
    public async Task An_unfinished_last_word_is_a_beginning()
    {
        var word = Word();
        var course = await learning.PublishedCourse(LearningFixture.Details($"Studies of {word}"));

        (await Search($"q=studies%20{word[..^3]}")).Items.ShouldHaveSingleItem().CourseId.ShouldBe(course.Id);
    }

    [Fact]
    public async Task Accents_and_other_forms_of_a_word_do_not_matter()
    {
        var word = Word();
        var course = await learning.PublishedCourse(LearningFixture.Details($"Álgebra linear e equações {word}") with { Language = "pt-PT" });

        (await Search($"q=algebra%20equacao%20{word}")).Items.ShouldHaveSingleItem().CourseId.ShouldBe(course.Id);
        (await Search($"q=equações%20{word}&language=pt")).Items.ShouldHaveSingleItem().CourseId.ShouldBe(course.Id);
        (await Search($"q={word}&language=fr")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_match_in_the_title_comes_before_one_in_the_summary_and_is_marked()
    {
        var word = Word();
        var summary = await learning.PublishedCourse(LearningFixture.Details("Something else") with { Summary = $"Touches on {word} & more." });
        var title = await learning.PublishedCourse(LearningFixture.Details($"The <b>{word}</b> course"));

        var page = await Search($"q={word}");

        page.Items.Select(i => i.CourseId).ShouldBe([title.Id, summary.Id]);
        page.Items[0].TitleHtml.ShouldBe($"The &lt;b&gt;<mark>{word}</mark>&lt;/b&gt; course");
        page.Items[1].SummaryHtml.ShouldBe($"Touches on <mark>{word}</mark> &amp; more.");
    }

    [Fact]
    public async Task Facets_count_what_matches_and_filters_narrow_it()
    {
        var word = Word();
        await learning.PublishedCourse(LearningFixture.Details($"{word} one") with { Subjects = ["physics", "optics"], Level = "beginner" });
        await learning.PublishedCourse(LearningFixture.Details($"{word} two") with { Subjects = ["physics"], Level = "advanced", Price = new Money(1_500, "EUR") });
        await learning.PublishedCourse(LearningFixture.Details($"{word} three") with { Subjects = ["physics"], Level = "advanced", Price = new Money(9_900, "EUR"), Language = "de" });

        var all = await Search($"q={word}");
        all.Total.ShouldBe(3);
        all.Facets.Subjects.ShouldBe([new FacetCount("physics", 3), new FacetCount("optics", 1)]);
        all.Facets.Levels.ShouldBe([new FacetCount("advanced", 2), new FacetCount("beginner", 1)]);
        all.Facets.Languages.ShouldBe([new FacetCount("en", 2), new FacetCount("de", 1)]);
        (all.Facets.Free, all.Facets.Paid).ShouldBe((1, 2));

        (await Search($"q={word}&subject=optics")).Total.ShouldBe(1);
        (await Search($"q={word}&level=advanced")).Facets.Subjects.ShouldBe([new FacetCount("physics", 2)]);
        (await Search($"q={word}&free=true")).Total.ShouldBe(1);
        (await Search($"q={word}&maxPrice=1500")).Total.ShouldBe(2);
        (await Search($"q={word}&maxPrice=1500&currency=USD")).Total.ShouldBe(1);
        (await Search($"q={word}&sort=price")).Items.Select(i => i.Price?.MinorUnits ?? 0).ShouldBe([0, 1_500, 9_900]);
    }

    [Theory]
    [InlineData("relevance")]
    [InlineData("newest")]
    [InlineData("popular")]
    [InlineData("price")]
    public async Task Pages_show_every_course_once(string sort)
    {
        var word = Word();
        var expected = new HashSet<Guid>();
        for (var i = 0; i < 7; i++)
            expected.Add((await learning.PublishedCourse(LearningFixture.Details($"{word} part"))).Id);

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await Search($"q={word}&sort={sort}&limit=3&cursor={cursor}");
            seen.AddRange(page.Items.Select(i => i.CourseId));
            cursor = page.Next;
        }
        while (cursor is not null);

        seen.Count.ShouldBe(7);
        seen.ToHashSet().SetEquals(expected).ShouldBeTrue();
    }

    [Theory]
    [InlineData("cursor=x")]
    [InlineData("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&sort=price")]
    [InlineData("limit=ten")]
    [InlineData("free=perhaps")]
    public async Task What_cannot_be_understood_is_refused(string query)
        => (await _worker.Api().GetAsync(new Uri($"/internal/learning/catalogue?{query}", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task Archiving_takes_a_course_out_and_restoring_brings_it_back()
    {
        var word = Word();
        var course = await learning.PublishedCourse(LearningFixture.Details($"Studies of {word}"));

        await _worker.Done(new ArchiveCourse(course.Tutor, course.Id, null));
        (await Search($"q={word}")).Items.ShouldBeEmpty();

        await _worker.Done(new RestoreCourse(course.Tutor, course.Id, null));
        (await Search($"q={word}")).Items.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_new_version_replaces_what_was_listed()
    {
        var (before, after) = (Word(), Word());
        var course = await learning.PublishedCourse(LearningFixture.Details($"Studies of {before}"));

        await _worker.Done(new ReviseCourseDetails(course.Tutor, course.Id, LearningFixture.Details($"Studies of {after}"), course.Edit));
        (await Search($"q={before}")).Items.ShouldHaveSingleItem();
        await _worker.Done(new PublishCourse(course.Tutor, course.Id, null));

        (await Search($"q={before}")).Items.ShouldBeEmpty();
        (await Search($"q={after}")).Items.ShouldHaveSingleItem().Slug.ShouldContain(before);
    }

    async Task<CataloguePage> Search(string query)
        => (await _worker.Api().GetFromJsonAsync($"/internal/learning/catalogue?{query}", LearningJson.Web.CataloguePage))!;

    // Far from every other word, so that no search is corrected to it.
    static string Word() => string.Concat(Guid.NewGuid().ToByteArray().Take(12).Select(b => (char)('a' + (b % 26))));
}
