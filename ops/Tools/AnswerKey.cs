using EdTech.Contracts.Learning;

namespace EdTech.Tools;

/// <summary>The right answers to a quiz, from the author's view of it.</summary>
static class AnswerKey
{
    public static IReadOnlyList<QuestionAnswer> Of(QuizContent quiz) => [.. quiz.Questions.Select(Right)];

    static QuestionAnswer Right(Question question) => question.Kind switch
    {
        QuestionKind.Single or QuestionKind.Multiple => new QuestionAnswer(question.QuestionId, [.. question.Choices.Where(c => c.Correct).Select(c => c.Id)], null, null),
        QuestionKind.Ordering => new QuestionAnswer(question.QuestionId, [.. question.Choices.OrderBy(c => c.Position).Select(c => c.Id)], null, null),
        QuestionKind.Numeric => new QuestionAnswer(question.QuestionId, null, question.Numeric!.Value, null),
        _ => new QuestionAnswer(question.QuestionId, null, null, question.Text!.Accepted.Count > 0 ? question.Text.Accepted[0] : PatternSample.Of(question.Text.Pattern!)),
    };
}
