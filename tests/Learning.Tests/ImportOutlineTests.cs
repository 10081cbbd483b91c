using EdTech.Contracts.Learning;
using Shouldly;
using static EdTech.Learning.Tests.ImportArchives;

namespace EdTech.Learning.Tests;

public sealed class ImportOutlineTests
{
    const string Problem = """<problem display_name="Try"><numericalresponse answer="6"><label>Legs?</label><formulaequationinput/></numericalresponse></problem>""";
    const string Film = """<video display_name="Film" youtube="1.00:abcdefghijk"/>""";

    [Fact]
    public async Task Text_goes_with_the_video_or_the_questions_that_it_introduces()
    {
        var import = await Import(CourseOf($"<html>Before the film.</html>{Film}<html>Before the questions.</html>{Problem}<html>Between them.</html>{Problem}<html>Afterwards.</html>"));

        var lessons = import.Outline.Single().Lessons;
        lessons.Select(l => (l.Kind, l.Title)).ShouldBe([(LessonKind.Video, "A unit · Film"), (LessonKind.Quiz, "A unit · Try"), (LessonKind.Article, "A unit (3)")]);
        var content = import.Lessons.ToDictionary(l => l.LessonId, l => l.Content);
        content[lessons[0].LessonId].Html.ShouldBe("Before the film.");
        content[lessons[0].LessonId].Video!.YouTubeId.ShouldBe("abcdefghijk");
        content[lessons[1].LessonId].Html.ShouldBe("Before the questions.");
        content[lessons[1].LessonId].Quiz!.Questions[1].PromptHtml.ShouldStartWith("Between them.");
        content[lessons[2].LessonId].Html.ShouldBe("Afterwards.");
        import.Report.Lessons.ShouldBe(new Dictionary<string, int> { ["video"] = 1, ["article"] = 1, ["quiz"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Links_between_parts_of_the_course_lead_to_their_lessons()
    {
        var files = CourseOf("""<html>See <a href="/jump_to_id/u2">the other</a>, <a href="/jump_to_id/gone">nothing</a> and <a href="/static/a.pdf">a file</a>.</html>""",
            ("sequential/s1.xml", """<sequential display_name="Beginnings"><vertical url_name="u1"/><vertical url_name="u2"/></sequential>"""),
            ("vertical/u2.xml", """<vertical display_name="Other"><html>Here. <img src="/static/bee.png" alt="A bee"/></html></vertical>"""));

        var import = await Import(files);

        var other = import.Outline.Single().Lessons[1].LessonId;
        import.Lessons[0].Content.Html.ShouldBe($"""See <a href="#lesson-{other}" rel="nofollow noopener noreferrer">the other</a>, nothing and a file.""");
        import.Lessons[1].Content.Html.ShouldBe("Here. <em>[A bee]</em>");
        import.Report.Notes.Select(n => n.Code).ShouldBe(["media.not_imported", "media.not_imported", "html.links_removed", "course.subject"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_random_selection_is_imported_whole()
    {
        var import = await Import(CourseOf($"""<library_content url_name="l1" display_name="Pool" max_count="1"><problem url_name="p1"/><problem url_name="p2"/></library_content>""", ("problem/p1.xml", Problem), ("problem/p2.xml", Problem)));

        import.Lessons.Single().Content.Quiz!.Questions.Count.ShouldBe(2);
        import.Report.Notes.ShouldContain(n => n.Code == "random.all_imported");
        import.Report.Found.ShouldBe(2);
    }

    [Fact]
    public async Task What_some_learners_only_see_is_listed()
    {
        var import = await Import(CourseOf($"<html>For all.</html><conditional><html>For some.</html>{Problem}</conditional><split_test><vertical><html>A</html></vertical></split_test>"));

        import.Report.Skipped.Select(s => s.Code).ShouldBe(["component.conditional", "component.conditional", "component.conditional"]);
        import.Report.Found.ShouldBe(4);
    }

    [Fact]
    public async Task Units_of_which_nothing_is_left_do_not_become_lessons()
    {
        var files = CourseOf("<html>Stays.</html>",
            ("sequential/s1.xml", """<sequential display_name="Beginnings"><vertical url_name="u1"/><vertical display_name="Empty"><poll/></vertical></sequential>"""),
            ("chapter/c1.xml", """<chapter display_name="First"><sequential url_name="s1"/><sequential display_name="Nothing"/></chapter>"""));

        var import = await Import(files);

        import.Outline.Single().Lessons.Count.ShouldBe(1);
        import.Report.Notes.Select(n => n.Code).ShouldBe(["unit.empty", "section.empty", "course.subject"]);
    }

    [Fact]
    public async Task A_video_without_an_address_to_play_from_is_listed()
    {
        var import = await Import(CourseOf("""<html>Stays.</html><video edx_video_id="x"/><video><source src="http://example.org/a.mp4"/></video><video html5_sources="[&quot;https://example.org/b.mp4&quot;]"/>"""));

        import.Report.Skipped.Select(s => s.Code).ShouldBe(["video.no_source", "video.no_source"]);
        import.Lessons.Single(l => l.Content.Video is not null).Content.Video!.Sources.ShouldBe(["https://example.org/b.mp4"]);
    }

    [Fact]
    public async Task More_lessons_than_a_section_holds_go_to_a_second()
    {
        var units = string.Concat(Enumerable.Range(1, 205).Select(i => $"""<vertical display_name="Unit {i}"><html>Text {i}.</html></vertical>"""));

        var import = await Import(CourseOf("", ("sequential/s1.xml", $"""<sequential display_name="Long">{units}</sequential>""")));

        import.Outline.Select(s => (s.Title, s.Lessons.Count)).ShouldBe([("First · Long", 200), ("First · Long (2)", 5)]);
    }

    [Fact]
    public async Task Html_that_no_parser_should_be_given_is_listed()
    {
        var deep = System.Net.WebUtility.HtmlEncode(string.Concat(Enumerable.Repeat("<div>", 5_000)));
        var import = await Import(CourseOf("""<html>Stays.</html><html url_name="h1"/>""", ("html/h1.xml", """<html filename="h1"/>"""), ("html/h1.html", System.Net.WebUtility.HtmlDecode(deep))));

        import.Report.Skipped.Single().Code.ShouldBe("html.too_large");
    }
}
