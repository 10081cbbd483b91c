using EdTech.Contracts.Learning;

namespace EdTech.Tools;

/// <summary>The right answers to a quiz, from the author's view of it.</summary>
sealed class AnswerKey(QuizContent quiz)
{
    readonly Dictionary<Guid, Question> _questions = quiz.Questions.ToDictionary(q => q.QuestionId);

    /// <summary>Answers to the questions as they were put: choices can go by other names there, so that their names give no order away.</summary>
    public IReadOnlyList<QuestionAnswer> Answers(AttemptView attempt) => [.. attempt.Questions.Select(q => Right(_questions[q.QuestionId], q))];

    static QuestionAnswer Right(Question question, AttemptQuestion put) => question.Kind switch
    {
        QuestionKind.Single or QuestionKind.Multiple => Chosen(question.Choices.Where(c => c.Correct), put),
        QuestionKind.Ordering => Chosen(question.Choices.OrderBy(c => c.Position), put),
        QuestionKind.Numeric => new QuestionAnswer(question.QuestionId, null, question.Numeric!.Value, null),
        _ => new QuestionAnswer(question.QuestionId, null, null, question.Text!.Accepted.Count > 0 ? question.Text.Accepted[0] : PatternSample.Of(question.Text.Pattern!)),
    };

    static QuestionAnswer Chosen(IEnumerable<Choice> right, AttemptQuestion put)
        => new(put.QuestionId, [.. right.Select(c => put.Choices.First(p => string.Equals(p.Html, c.Html, StringComparison.Ordinal)).Id)], null, null);
}
