using System.Text.Json;
using CsCheck;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class AttemptSheetTests
{
    static readonly QuizContent Quiz = new(50, null, null, true,
    [
        new Question(Guid.CreateVersion7(), QuestionKind.Single, "<p>1</p>", 1, false, [new Choice("a", "A", true, null, "secret feedback"), new Choice("b", "B", false, null, null)], null, null, "secret explanation", ["hint"]),
        new Question(Guid.CreateVersion7(), QuestionKind.Ordering, "<p>2</p>", 1, false, [.. Enumerable.Range(0, 8).Select(i => new Choice(((char)('a' + i)).ToString(), $"item {i}", false, i, null))], null, null, null, []),
        new Question(Guid.CreateVersion7(), QuestionKind.Numeric, "<p>3</p>", 1, false, [], new NumericKey(4711, 0, [], []), null, null, []),
        new Question(Guid.CreateVersion7(), QuestionKind.ShortText, "<p>4</p>", 1, false, [], null, new TextKey(["secret word"], false, "secret pattern"), null, []),
    ]);

    [Fact]
    public void What_a_learner_sees_holds_no_key()
    {
        var shown = JsonSerializer.Serialize(AttemptSheet.Show(Quiz, seed: 1), LearningJson.Web.Options);

        shown.ShouldNotContain("secret");
        shown.ShouldNotContain("4711");
        shown.ShouldNotContain("correct");
        shown.ShouldNotContain("position");
    }

    [Fact]
    public void An_attempt_looks_the_same_every_time()
        => Gen.Long.Sample(seed => AttemptSheet.Show(Quiz, seed).Select(q => q.QuestionId).SequenceEqual(AttemptSheet.Show(Quiz, seed).Select(q => q.QuestionId)));

    [Fact]
    public void The_items_of_an_order_come_in_different_orders_under_ids_that_tell_nothing()
    {
        var orders = Enumerable.Range(0, 50).Select(seed => string.Join(',', Ordering(seed).Choices.Select(c => c.Html))).ToHashSet();

        orders.Count.ShouldBeGreaterThan(40);
        Ordering(seed: 3).Choices.Select(c => c.Id).ShouldBe(["1", "2", "3", "4", "5", "6", "7", "8"]);
    }

    [Fact]
    public void Answers_that_do_not_fit_are_told_by_question()
    {
        var flaws = AttemptSheet.Flaws(Quiz, 1,
        [
            new QuestionAnswer(Quiz.Questions[0].QuestionId, ["z"], null, null),
            new QuestionAnswer(Quiz.Questions[1].QuestionId, ["1", "1"], null, null),
            new QuestionAnswer(Quiz.Questions[2].QuestionId, null, 1, null),
            new QuestionAnswer(Quiz.Questions[2].QuestionId, null, 2, null),
            new QuestionAnswer(Guid.Empty, null, 1, null),
        ]);

        flaws.Keys.ShouldBe([.. Quiz.Questions.Take(3).Select(q => q.QuestionId.ToString()), Guid.Empty.ToString()], ignoreOrder: true);
    }

    static AttemptQuestion Ordering(long seed) => AttemptSheet.Show(Quiz, seed).Single(q => q.Kind == QuestionKind.Ordering);
}
