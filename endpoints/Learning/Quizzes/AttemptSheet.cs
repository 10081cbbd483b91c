using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>
/// A quiz as one attempt shows it: questions and the choices of ordering questions in an order that the attempt's seed decides. The choices of an
/// ordering question go by other ids there, as authors tend to name them in the right order.
/// </summary>
static class AttemptSheet
{
    /// <summary>The questions as the learner sees them, keys left out.</summary>
    public static IReadOnlyList<AttemptQuestion> Show(QuizContent quiz, long seed)
        => [.. Ordered(quiz, seed).Select(q => new AttemptQuestion(
            q.QuestionId,
            q.Kind,
            q.PromptHtml,
            q.Points,
            q.PartialCredit,
            [.. Presented(q, seed).Select(c => new AttemptChoice(c.Id, c.Choice.Html))],
            q.Hints))];

    /// <summary>Answers in the ids of the quiz itself.</summary>
    public static IReadOnlyList<QuestionAnswer> Translate(QuizContent quiz, long seed, IReadOnlyList<QuestionAnswer> answers)
    {
        var questions = quiz.Questions.ToDictionary(q => q.QuestionId);
        return [.. answers.Select(a =>
        {
            if (a.Choices is null || !questions.TryGetValue(a.QuestionId, out var question))
                return a;
            var ids = Presented(question, seed).ToDictionary(p => p.Id, p => p.Choice.Id, StringComparer.Ordinal);
            return a with { Choices = [.. a.Choices.Select(id => ids.GetValueOrDefault(id, id))] };
        })];
    }

    /// <summary>What keeps the answers from being taken, by question; empty when nothing does.</summary>
    public static IReadOnlyDictionary<string, string> Flaws(QuizContent quiz, long seed, IReadOnlyList<QuestionAnswer> answers)
    {
        var questions = quiz.Questions.ToDictionary(q => q.QuestionId);
        var flaws = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var given in answers.GroupBy(a => a.QuestionId))
        {
            var flaw = !questions.TryGetValue(given.Key, out var question) ? "The quiz has no such question."
                : given.Count() > 1 ? "The question is answered twice."
                : Flaw(question, seed, given.First());
            if (flaw is not null)
                flaws.Add(given.Key.ToString(), flaw);
        }

        return flaws;
    }

    /// <summary>The choices of a question in presented order, under their presented ids.</summary>
    public static IReadOnlyList<PresentedChoice> Presented(Question question, long seed)
        => question.Kind == QuestionKind.Ordering
            ? [.. Shuffled(question.Choices, seed ^ BitConverter.ToInt64(question.QuestionId.ToByteArray(), 8))
                .Select((c, i) => new PresentedChoice((i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), c))]
            : [.. question.Choices.Select(c => new PresentedChoice(c.Id, c))];

    /// <summary>The right answer in the ids that the attempt shows. Of a short text, the first accepted one.</summary>
    public static QuestionAnswer Key(Question question, IReadOnlyList<PresentedChoice> shown)
        => new(
            question.QuestionId,
            question.Kind switch
            {
                QuestionKind.Single or QuestionKind.Multiple => [.. shown.Where(c => c.Choice.Correct).Select(c => c.Id)],
                QuestionKind.Ordering => [.. shown.OrderBy(c => c.Choice.Position).Select(c => c.Id)],
                _ => null,
            },
            question.Numeric?.Value,
            question.Text is { Accepted.Count: > 0 } text ? text.Accepted[0] : null);

    static IReadOnlyList<Question> Ordered(QuizContent quiz, long seed) => quiz.Shuffle ? Shuffled(quiz.Questions, seed) : quiz.Questions;

    static string? Flaw(Question question, long seed, QuestionAnswer answer)
    {
        if (answer.Choices is not { } chosen)
            return null;
        var ids = Presented(question, seed).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        if (chosen.Any(c => !ids.Contains(c)))
            return "The question has no such choice.";
        return chosen.Count != chosen.Distinct(StringComparer.Ordinal).Count() ? "A choice is named twice." : null;
    }

    /// <summary>Fisher and Yates with the SplitMix64 generator: our own, because an attempt must look the same after an upgrade of .NET.</summary>
    static IReadOnlyList<T> Shuffled<T>(IReadOnlyList<T> items, long seed)
    {
        var shuffled = items.ToArray();
        var state = unchecked((ulong)seed);
        for (var last = shuffled.Length - 1; last > 0; last--)
        {
            state = unchecked(state + 0x9E3779B97F4A7C15);
            var z = state;
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            var other = (int)((z ^ (z >> 31)) % (ulong)(last + 1));
            (shuffled[last], shuffled[other]) = (shuffled[other], shuffled[last]);
        }

        return shuffled;
    }
}

/// <summary>A choice and the id it goes by in an attempt.</summary>
sealed record PresentedChoice(string Id, Choice Choice);
