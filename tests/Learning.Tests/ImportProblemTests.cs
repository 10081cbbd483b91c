using EdTech.Contracts.Learning;
using Shouldly;
using static EdTech.Learning.Tests.ImportArchives;

namespace EdTech.Learning.Tests;

public sealed class ImportProblemTests
{
    [Fact]
    public async Task One_of_several_choices_with_feedback_hints_and_explanation()
    {
        var question = await Question("""
            <problem display_name="Wings" weight="2">
              <multiplechoiceresponse>
                <label>How many wings has a <b>bee</b>?</label>
                <description>Count both sides.</description>
                <choicegroup type="MultipleChoice">
                  <choice correct="false">Two <choicehint>That is a fly.</choicehint></choice>
                  <choice correct="true">Four</choice>
                </choicegroup>
                <solution><p>Two on each side.</p></solution>
              </multiplechoiceresponse>
              <demandhint><hint>More than two.</hint><hint>Fewer than six.</hint></demandhint>
            </problem>
            """);

        question.Kind.ShouldBe(QuestionKind.Single);
        question.Points.ShouldBe(2);
        question.PromptHtml.ShouldContain("How many wings has a <b>bee</b>?");
        question.PromptHtml.ShouldContain("Count both sides.");
        question.Choices.Select(c => (c.Id, c.Html, c.Correct, c.Feedback)).ShouldBe([("a", "Two", false, "That is a fly."), ("b", "Four", true, null)]);
        question.Hints.ShouldBe(["More than two.", "Fewer than six."]);
        question.ExplanationHtml.ShouldBe("<p>Two on each side.</p>");
    }

    [Fact]
    public async Task Several_choices_with_partial_credit()
    {
        var question = await Question("""
            <problem>
              <choiceresponse partial_credit="EDC">
                <label>Which of them make honey?</label>
                <checkboxgroup>
                  <choice correct="true">Bees <choicehint selected="true">Yes.</choicehint><choicehint selected="false">They do.</choicehint></choice>
                  <choice correct="false">Wasps</choice>
                  <choice correct="True">Honey ants</choice>
                </checkboxgroup>
              </choiceresponse>
            </problem>
            """);

        question.Kind.ShouldBe(QuestionKind.Multiple);
        question.PartialCredit.ShouldBeTrue();
        question.Choices.Select(c => c.Correct).ShouldBe([true, false, true]);
        question.Choices[0].Feedback.ShouldBe("Yes.");
        question.ExplanationHtml.ShouldBe("<ul><li>Bees: They do.</li></ul>");
    }

    [Fact]
    public async Task Dropdowns_become_a_question_each()
    {
        var questions = await Questions("""
            <problem>
              <p>Complete the sentence.</p>
              <optionresponse>
                <p>A bee's <optioninput options="('queen','king','bee's knee')" correct="queen"/> lays
                <optioninput><option correct="False">leaves</option><option correct="True">eggs</option></optioninput>.</p>
              </optionresponse>
            </problem>
            """);

        questions.Count.ShouldBe(2);
        questions[0].Choices.Select(c => (c.Html, c.Correct)).ShouldBe([("queen", true), ("king", false), ("bee's knee", false)]);
        questions[0].PromptHtml.ShouldContain("A bee's <strong>[ ? ]</strong> lays");
        questions[1].Choices.Select(c => (c.Html, c.Correct)).ShouldBe([("leaves", false), ("eggs", true)]);
        questions[1].PromptHtml.ShouldContain("Complete the sentence.");
        questions[1].PromptHtml.ShouldContain("<strong>[ ? ]</strong>.");
    }

    [Fact]
    public async Task Answers_in_a_table_are_asked_row_by_row()
    {
        var questions = await Questions("""
            <problem>
              <table>
                <tr><th>Animal</th><th>Legs</th></tr>
                <tr><td>Bee</td><td><numericalresponse answer="6"><formulaequationinput/></numericalresponse></td></tr>
                <tr><td>Spider</td><td><numericalresponse answer="8"><formulaequationinput/></numericalresponse></td></tr>
              </table>
            </problem>
            """);

        questions.Select(q => q.Numeric!.Value).ShouldBe([6, 8]);
        questions[1].PromptHtml.ShouldContain("Legs");
        questions[1].PromptHtml.ShouldContain("Spider");
        questions[1].PromptHtml.ShouldNotContain("Bee");
    }

    [Theory]
    [InlineData("600", "5", 600, 5)]
    [InlineData("200", "1%", 200, 2)]
    [InlineData("-1.5e2", "10%", -150, 15)]
    [InlineData("[2, 4]", null, 3, 1)]
    [InlineData("(2,3)", null, 2.5, 0.5)]
    [InlineData("12", null, 12, 0)]
    [InlineData("2.5", null, 2.5, 0.000025)]
    public async Task Numbers_have_a_tolerance_or_a_range(string answer, string? tolerance, double value, double expected)
    {
        var parameter = tolerance is null ? "" : $"""<responseparam type="tolerance" default="{tolerance}"/>""";

        var question = await Question($"""<problem><numericalresponse answer="{answer}"><label>How many?</label>{parameter}<formulaequationinput/></numericalresponse></problem>""");

        question.Kind.ShouldBe(QuestionKind.Numeric);
        question.Numeric!.Value.ShouldBe((decimal)value);
        question.Numeric.Tolerance.ShouldBe((decimal)expected);
    }

    [Fact]
    public async Task A_number_has_other_answers_and_answers_worth_half()
    {
        var question = await Question("""
            <problem><numericalresponse answer="2" partial_credit="list"><label>The root?</label>
              <additional_answer answer="2.5"/><responseparam partial_answers="1, -1"/><formulaequationinput/></numericalresponse></problem>
            """);

        question.PartialCredit.ShouldBeTrue();
        question.Numeric!.AlsoAccepted.ShouldBe([2.5m]);
        question.Numeric.HalfCredit.ShouldBe([1m, -1m]);
    }

    [Fact]
    public async Task Short_texts_are_words_or_patterns()
    {
        var words = await Question("""<problem><stringresponse answer="Drone" type="ci"><label>Who?</label><additional_answer answer="the drone"/><correcthint>He is.</correcthint><textline/></stringresponse></problem>""");
        words.Text!.Accepted.ShouldBe(["Drone", "the drone"]);
        words.Text.CaseSensitive.ShouldBeFalse();
        words.ExplanationHtml.ShouldBe("<p>He is.</p>");

        var old = await Question("""<problem><stringresponse answer="bee _or_ wasp"><textline label="Which insect?"/></stringresponse></problem>""");
        old.Text!.Accepted.ShouldBe(["bee", "wasp"]);
        old.Text.CaseSensitive.ShouldBeTrue();
        old.PromptHtml.ShouldBe("<p>Which insect?</p>");

        var pattern = await Question("""<problem><stringresponse answer="be+" type="ci regexp"><label>Write it.</label><additional_answer answer="wasps?"/><textline/></stringresponse></problem>""");
        pattern.Text!.Pattern.ShouldBe("(?:be+)|(?:wasps?)");
        pattern.Text.Accepted.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""<customresponse cfn="f"><textline/></customresponse>""", "problem.unsupported_response")]
    [InlineData("""<formularesponse answer="x"><textline/></formularesponse>""", "problem.unsupported_response")]
    [InlineData("""<imageresponse/>""", "problem.unsupported_response")]
    [InlineData("""<schematicresponse/>""", "problem.unsupported_response")]
    [InlineData("""<customresponse><jsinput/></customresponse>""", "problem.unsupported_response")]
    [InlineData("""<multiplechoiceresponse><choicegroup><choice correct="true">a</choice><choice>b</choice></choicegroup></multiplechoiceresponse><customresponse/>""", "problem.unsupported_response")]
    [InlineData("""<script>x = 1</script><p>Let x be $x.</p><numericalresponse answer="1"><textline/></numericalresponse>""", "problem.random_variables")]
    [InlineData("""<numericalresponse answer="$x"><textline/></numericalresponse>""", "problem.random_variables")]
    [InlineData("""<numericalresponse answer="sqrt(2)"><textline/></numericalresponse>""", "problem.not_a_number")]
    [InlineData("""<stringresponse answer="(?=b)ee" type="regexp"><textline/></stringresponse>""", "problem.pattern")]
    [InlineData("""<multiplechoiceresponse><choicegroup><choice>a</choice><choice>b</choice></choicegroup></multiplechoiceresponse>""", "problem.no_right_answer")]
    [InlineData("""<multiplechoiceresponse><choicegroup><choice correct="true">a</choice><choice correct="true">b</choice></choicegroup></multiplechoiceresponse>""", "problem.several_right_answers")]
    [InlineData("""<multiplechoiceresponse><choicegroup><choice correct="true">a</choice></choicegroup></multiplechoiceresponse>""", "problem.choices")]
    [InlineData("""<optionresponse><optioninput options="('a','b')" correct="c"/></optionresponse>""", "problem.no_right_answer")]
    [InlineData("<p>Think about it.</p>", "problem.nothing_to_answer")]
    public async Task What_is_no_question_here_is_listed_with_its_reason(string content, string code)
    {
        var import = await Import(CourseOf($"""<html>Some text that stays.</html><problem url_name="p" display_name="The one">{content}</problem>"""));

        var skipped = import.Report.Skipped.ShouldHaveSingleItem();
        (skipped.Type, skipped.Id, skipped.Title, skipped.Place, skipped.Code).ShouldBe(("problem", "p", "The one", "First › Beginnings › A unit", code));
        skipped.Reason.Length.ShouldBeGreaterThan(20);
        import.Report.Questions.ShouldBe(0);
    }

    [Theory]
    [InlineData("lti")]
    [InlineData("scorm")]
    [InlineData("poll")]
    [InlineData("drag-and-drop-v2")]
    [InlineData("openassessment")]
    [InlineData("something-of-their-own")]
    public async Task Components_of_other_kinds_are_listed(string type)
    {
        var import = await Import(CourseOf($"""<html>Some text that stays.</html><{type} url_name="x" display_name="A thing"/>"""));

        import.Report.Skipped.Single().Code.ShouldBe("component.unsupported");
        import.Report.Skipped.Single().Type.ShouldBe(type);
    }

    [Fact]
    public async Task Scripts_in_questions_do_not_come_along()
    {
        var question = await Question("""
            <problem><multiplechoiceresponse><p onclick="steal()">Which?<script>steal()</script><a href="javascript:steal()">x</a></p>
              <choicegroup><choice correct="true"><img src="https://example.org/a.png" onerror="steal()"/></choice><choice>b</choice></choicegroup></multiplechoiceresponse></problem>
            """);

        (question.PromptHtml + question.Choices[0].Html).ShouldNotContain("steal");
    }

    static async Task<Question> Question(string problem) => (await Questions(problem)).ShouldHaveSingleItem();

    static async Task<IReadOnlyList<Question>> Questions(string problem)
    {
        var import = await Import(CourseOf(problem));
        import.Report.Skipped.ShouldBeEmpty();
        return import.Lessons.Single().Content.Quiz!.Questions;
    }
}
