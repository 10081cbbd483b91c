using System.Text;
using System.Text.RegularExpressions;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>Grades a quiz. Pure: the same answers under the same key always give the same points.</summary>
static class Grader
{
    static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>Grades a whole quiz; questions without an answer give nothing.</summary>
    public static Grade Grade(QuizContent quiz, IReadOnlyList<QuestionAnswer> answers)
    {
        var given = answers.ToDictionary(a => a.QuestionId);
        var exact = quiz.Questions.Select(q => (Question: q, Points: Points(q, given.GetValueOrDefault(q.QuestionId)))).ToList();

        // Rounded once, at the end: three thirds of a point make a point.
        var points = decimal.Round(exact.Sum(e => e.Points), 4);
        var most = quiz.Questions.Sum(q => q.Points);
        return new Grade(
            points,
            most,
            points * 100 >= quiz.PassPercent * most,
            [.. exact.Select(e => new QuestionGrade(e.Question.QuestionId, decimal.Round(e.Points, 4), e.Question.Points))]);
    }

    /// <summary>The points of one answer, between 0 and the question's points.</summary>
    public static decimal Points(Question question, QuestionAnswer? answer)
    {
        if (answer is null)
            return 0;

        return question.Kind switch
        {
            QuestionKind.Single => Single(question, answer.Choices ?? []),
            QuestionKind.Multiple => Multiple(question, answer.Choices ?? []),
            QuestionKind.Ordering => Ordering(question, answer.Choices ?? []),
            QuestionKind.Numeric => Numeric(question, answer.Number),
            QuestionKind.ShortText => ShortText(question, answer.Text),
            _ => throw new InvalidOperationException($"Question {question.QuestionId} is of kind {question.Kind}, which the grader does not know."),
        };
    }

    static decimal Single(Question question, IReadOnlyList<string> chosen)
        => chosen.Count == 1 && question.Choices.Any(c => c.Correct && string.Equals(c.Id, chosen[0], StringComparison.Ordinal)) ? question.Points : 0;

    /// <summary>Partial credit: the share of right choices found, less a share for each wrong one.</summary>
    static decimal Multiple(Question question, IReadOnlyList<string> chosen)
    {
        var right = question.Choices.Where(c => c.Correct).Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        var picked = chosen.ToHashSet(StringComparer.Ordinal);
        if (picked.SetEquals(right))
            return question.Points;
        if (!question.PartialCredit || right.Count == 0)
            return 0;

        var hits = picked.Count(right.Contains);
        return question.Points * Math.Max(0, hits - (picked.Count - hits)) / right.Count;
    }

    /// <summary>Partial credit: how much longer than one the longest run in the right order is; items may be left out between.</summary>
    static decimal Ordering(Question question, IReadOnlyList<string> chosen)
    {
        var right = question.Choices.OrderBy(c => c.Position).Select(c => c.Id).ToList();
        if (chosen.SequenceEqual(right, StringComparer.Ordinal))
            return question.Points;
        if (!question.PartialCredit || right.Count < 2)
            return 0;

        var places = chosen.Distinct(StringComparer.Ordinal).Select(id => right.IndexOf(id)).Where(i => i >= 0).ToList();
        return question.Points * Math.Max(0, LongestRise(places) - 1) / (right.Count - 1);
    }

    /// <summary>Length of the longest increasing subsequence.</summary>
    static int LongestRise(List<int> places)
    {
        // ends[k] is the smallest value with which a rise of length k + 1 can end.
        var ends = new List<int>();
        foreach (var place in places)
        {
            var at = ends.BinarySearch(place);
            if (at >= 0)
                continue;
            if (~at == ends.Count)
                ends.Add(place);
            else
                ends[~at] = place;
        }

        return ends.Count;
    }

    static decimal Numeric(Question question, decimal? answer)
    {
        if (answer is not { } number || question.Numeric is not { } key)
            return 0;
        if (Within(number, key.Value, key.Tolerance) || key.AlsoAccepted.Any(a => Within(number, a, key.Tolerance)))
            return question.Points;

        return question.PartialCredit && key.HalfCredit.Any(h => Within(number, h, key.Tolerance)) ? question.Points / 2 : 0;
    }

    static bool Within(decimal number, decimal right, decimal tolerance)
    {
        try
        {
            return Math.Abs(number - right) <= tolerance;
        }
        catch (OverflowException)
        {
            // Further apart than any decimal, so further than any tolerance.
            return false;
        }
    }

    static decimal ShortText(Question question, string? answer)
    {
        if (question.Text is not { } key || Plain(answer) is not { Length: > 0 } given)
            return 0;

        var comparison = key.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return key.Accepted.Any(a => string.Equals(Plain(a), given, comparison)) || Matches(key, given) ? question.Points : 0;
    }

    /// <summary>Trimmed, white space collapsed, composed characters in one form.</summary>
    static string Plain(string? text)
    {
        var words = (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var joined = string.Join(' ', words);

        // Normalisation throws on half a surrogate pair, which JSON can carry and nobody can type.
        return joined.EnumerateRunes().Any(r => r == Rune.ReplacementChar) ? joined : joined.Normalize(NormalizationForm.FormC);
    }

    static bool Matches(TextKey key, string given)
    {
        if (key.Pattern is null)
            return false;

        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (key.CaseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase);
        try
        {
            return Regex.IsMatch(given, $@"\A(?:{key.Pattern})\z", options, PatternTimeout);
        }
        catch (Exception e) when (e is RegexMatchTimeoutException or NotSupportedException or ArgumentException)
        {
            // A pattern that cannot be evaluated accepts nothing; the accepted texts still count.
            return false;
        }
    }
}

/// <summary>What a quiz was graded with.</summary>
/// <param name="Points">Reached points, to four places.</param>
/// <param name="MaxPoints">Points of all questions.</param>
/// <param name="Passed">Whether the quiz is passed.</param>
/// <param name="Questions">In the quiz's order.</param>
sealed record Grade(decimal Points, decimal MaxPoints, bool Passed, IReadOnlyList<QuestionGrade> Questions);
