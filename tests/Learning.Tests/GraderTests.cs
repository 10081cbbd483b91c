using CsCheck;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class GraderTests
{
    [Theory]
    [InlineData("a,c", 3.0)]
    [InlineData("a", 1.5)]
    [InlineData("a,b", 0.0)]
    [InlineData("a,b,c", 1.5)]
    [InlineData("b,d", 0.0)]
    [InlineData("", 0.0)]
    public void Partial_credit_of_several_choices_takes_wrong_ones_off(string chosen, double points)
        => Grader.Points(Choices(QuestionKind.Multiple, 3, partial: true, "a*", "b", "c*", "d"), Chosen(chosen)).ShouldBe((decimal)points);

    [Theory]
    [InlineData("a,c", 3)]
    [InlineData("c,a", 3)]
    [InlineData("a", 0)]
    [InlineData("a,b,c", 0)]
    public void Without_partial_credit_only_exactly_the_right_choices_count(string chosen, int points)
        => Grader.Points(Choices(QuestionKind.Multiple, 3, partial: false, "a*", "b", "c*", "d"), Chosen(chosen)).ShouldBe(points);

    [Theory]
    [InlineData("a,b,c,d", 3.0)]
    [InlineData("b,a,c,d", 2.0)]
    [InlineData("d,a,b,c", 2.0)]
    [InlineData("b,a,d,c", 1.0)]
    [InlineData("d,c,b,a", 0.0)]
    [InlineData("a,b", 1.0)]
    [InlineData("", 0.0)]
    public void Partial_credit_of_an_order_is_its_longest_right_run(string chosen, double points)
        => Grader.Points(Choices(QuestionKind.Ordering, 3, partial: true, "a", "b", "c", "d"), Chosen(chosen)).ShouldBe((decimal)points);

    [Theory]
    [InlineData("0.5", 2.0)]
    [InlineData("0.51", 2.0)]
    [InlineData("0.511", 0.0)]
    [InlineData("50", 2.0)]
    [InlineData("5", 1.0)]
    [InlineData("79228162514264337593543950335", 0.0)]
    [InlineData("-79228162514264337593543950335", 0.0)]
    public void A_number_counts_within_the_tolerance_of_a_right_one(string number, double points)
    {
        var question = Question(QuestionKind.Numeric, 2, partial: true) with { Numeric = new NumericKey(0.5m, 0.01m, [50], [5]) };

        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, decimal.Parse(number, System.Globalization.CultureInfo.InvariantCulture), null)).ShouldBe((decimal)points);
    }

    [Theory]
    [InlineData("Lisbon", true)]
    [InlineData("  lisbon \n", true)]
    [InlineData("LISBOA", true)]
    [InlineData("Lis bon", false)]
    [InlineData("A\u030angstro\u0308m", true)]
    [InlineData("42 km", true)]
    [InlineData("42 km or so", false)]
    [InlineData("\ud800", false)]
    [InlineData("", false)]
    public void A_few_words_count_when_accepted_or_matching_the_pattern_as_a_whole(string text, bool right)
    {
        var question = Question(QuestionKind.ShortText, 1) with { Text = new TextKey(["Lisbon", "Lisboa", "\u00c5ngstr\u00f6m"], false, @"\d+ km") };

        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, null, text)).ShouldBe(right ? 1 : 0);
    }

    [Fact]
    public void Case_counts_where_the_key_says_so()
    {
        var question = Question(QuestionKind.ShortText, 1) with { Text = new TextKey(["pH"], true, null) };

        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, null, "PH")).ShouldBe(0);
        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, null, "pH")).ShouldBe(1);
    }

    [Theory]
    [InlineData("(?=lookahead)")]
    [InlineData("(unclosed")]
    public void A_pattern_that_cannot_be_evaluated_accepts_nothing(string pattern)
    {
        var question = Question(QuestionKind.ShortText, 1) with { Text = new TextKey(["yes"], false, pattern) };

        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, null, "lookahead")).ShouldBe(0);
        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, null, "yes")).ShouldBe(1);
    }

    [Fact]
    public void A_pattern_made_to_hang_a_backtracking_engine_is_answered_at_once()
    {
        var question = Question(QuestionKind.ShortText, 1) with { Text = new TextKey([], false, "(a+)+b") };

        Grader.Points(question, new QuestionAnswer(question.QuestionId, null, null, new string('a', 2000))).ShouldBe(0);
    }

    [Fact]
    public void Thirds_of_points_add_up_to_whole_ones()
    {
        var quiz = new QuizContent(100, null, null, false, [.. Enumerable.Range(0, 3).Select(_ => Choices(QuestionKind.Multiple, 1, partial: true, "a*", "b*", "c*"))]);
        quiz = quiz with { PassPercent = 33 };

        var grade = Grader.Grade(quiz, [.. quiz.Questions.Select(q => new QuestionAnswer(q.QuestionId, ["a"], null, null))]);

        grade.Points.ShouldBe(1);
        grade.Passed.ShouldBeTrue();
        grade.Questions.ShouldAllBe(q => q.Points == 0.3333m);
    }

    [Fact]
    public void Points_stay_between_nothing_and_the_questions_worth()
        => QuizAndAnswers.Sample((quiz, answers) =>
        {
            var grade = Grader.Grade(quiz, answers);
            return grade.Points >= 0 && grade.Points <= grade.MaxPoints && grade.Questions.All(q => q.Points >= 0 && q.Points <= q.MaxPoints);
        });

    [Fact]
    public void The_order_of_questions_answers_and_choices_does_not_matter()
        => QuizAndAnswers.Sample((quiz, answers) =>
        {
            var turned = quiz with { Questions = [.. quiz.Questions.Reverse().Select(q => q with { Choices = [.. q.Choices.Reverse()] })] };
            var unordered = answers.Reverse().Select(a =>
                quiz.Questions.Single(q => q.QuestionId == a.QuestionId).Kind == QuestionKind.Multiple ? a with { Choices = [.. a.Choices!.Reverse()] } : a);
            return Grader.Grade(quiz, answers).Points == Grader.Grade(turned, [.. unordered]).Points;
        });

    [Fact]
    public void The_whole_key_gives_all_points_also_through_an_attempts_own_ids()
        => Gen.Select(Quiz, Gen.Long).Sample((quiz, seed) =>
        {
            var key = quiz.Questions.Select(q => AttemptSheet.Key(q, AttemptSheet.Presented(q, seed))).ToList();
            var grade = Grader.Grade(quiz, AttemptSheet.Translate(quiz, seed, key));
            return AttemptSheet.Flaws(quiz, seed, key).Count == 0 && grade.Points == grade.MaxPoints && grade.Passed;
        });

    static Question Question(QuestionKind kind, decimal points, bool partial = false)
        => new(Guid.CreateVersion7(), kind, "<p>?</p>", points, partial, [], null, null, null, []);

    static Question Choices(QuestionKind kind, decimal points, bool partial, params string[] choices)
        => Question(kind, points, partial) with
        {
            Choices = [.. choices.Select((c, i) => new Choice(c.TrimEnd('*'), c, c.EndsWith('*'), kind == QuestionKind.Ordering ? i : null, null))],
        };

    static QuestionAnswer Chosen(string ids) => new(Guid.Empty, ids.Split(',', StringSplitOptions.RemoveEmptyEntries), null, null);

    static readonly Gen<Question> AnyQuestion =
        from kind in Gen.Enum<QuestionKind>()
        from points in Gen.Int[1, 40].Select(p => p / 4m)
        from partial in Gen.Bool
        from right in Gen.Bool.Array[2, 6].Where(r => r.Any(x => x))
        from value in Gen.Int[-1000, 1000].Select(v => v / 10m)
        select kind switch
        {
            QuestionKind.Numeric => Question(kind, points, partial) with { Numeric = new NumericKey(value, 0.05m, [value + 7], [value + 9]) },
            QuestionKind.ShortText => Question(kind, points, partial) with { Text = new TextKey(["word " + value], false, null) },
            QuestionKind.Single => Choices(kind, points, partial, [.. right.Select((_, i) => Letter(i) + (i == 0 ? "*" : ""))]),
            _ => Choices(kind, points, partial, [.. right.Select((r, i) => Letter(i) + (r ? "*" : ""))]),
        };

    static readonly Gen<QuizContent> Quiz = AnyQuestion.Array[1, 8].Select(q => new QuizContent(100, null, null, true, q));

    static readonly Gen<(QuizContent, IReadOnlyList<QuestionAnswer>)> QuizAndAnswers =
        from quiz in Quiz
        from picks in Gen.Int[0, 5].HashSet[0, 6].Array[quiz.Questions.Count]
        from shift in Gen.Int[0, 10].Array[quiz.Questions.Count]
        select (quiz, (IReadOnlyList<QuestionAnswer>)[.. quiz.Questions.Select((q, i) => new QuestionAnswer(
            q.QuestionId,
            [.. picks[i].Where(p => p < q.Choices.Count).Select(p => q.Choices[p].Id)],
            q.Numeric?.Value + shift[i],
            q.Text?.Accepted[0]))]);

    static string Letter(int i) => ((char)('a' + i)).ToString();
}
