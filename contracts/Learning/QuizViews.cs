namespace EdTech.Contracts.Learning;

/// <summary>An attempt at a quiz, as its learner sees it.</summary>
/// <param name="AttemptId">The attempt.</param>
/// <param name="CourseId">The course.</param>
/// <param name="LessonId">The quiz.</param>
/// <param name="Number">Counts the learner's attempts from 1.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Deadline">When it has to be handed in; 30 seconds more are granted for the way.</param>
/// <param name="ClosedAt">When it was handed in or ran out of time; null while it is open.</param>
/// <param name="TimedOut">It was not handed in: what had been saved was graded.</param>
/// <param name="PassPercent">Share of the points that passes.</param>
/// <param name="Points">Reached points; null while it is open.</param>
/// <param name="MaxPoints">Points of all questions.</param>
/// <param name="Passed">Null while it is open.</param>
/// <param name="AttemptsLeft">Further attempts; null for as many as one likes.</param>
/// <param name="Questions">In the order of this attempt, without keys.</param>
/// <param name="Answers">Saved or handed in.</param>
/// <param name="Results">By question, once it is graded; null while it is open.</param>
public sealed record AttemptView(
    Guid AttemptId,
    Guid CourseId,
    Guid LessonId,
    int Number,
    DateTimeOffset StartedAt,
    DateTimeOffset? Deadline,
    DateTimeOffset? ClosedAt,
    bool TimedOut,
    int PassPercent,
    decimal? Points,
    decimal MaxPoints,
    bool? Passed,
    int? AttemptsLeft,
    IReadOnlyList<AttemptQuestion> Questions,
    IReadOnlyList<QuestionAnswer> Answers,
    IReadOnlyList<AttemptResult>? Results);

/// <summary>A question without its key.</summary>
/// <param name="QuestionId">The question.</param>
/// <param name="Kind">How it is answered.</param>
/// <param name="PromptHtml">Sanitised HTML.</param>
/// <param name="Points">What a right answer is worth.</param>
/// <param name="PartialCredit">Partly right answers give a share of the points.</param>
/// <param name="Choices">Those of an ordering question are shuffled, and their ids are valid in this attempt only.</param>
/// <param name="Hints">Shown on request, in order.</param>
public sealed record AttemptQuestion(
    Guid QuestionId,
    QuestionKind Kind,
    string PromptHtml,
    decimal Points,
    bool PartialCredit,
    IReadOnlyList<AttemptChoice> Choices,
    IReadOnlyList<string> Hints);

/// <summary>A choice without its key.</summary>
public sealed record AttemptChoice(string Id, string Html);

/// <summary>How one question was graded.</summary>
/// <param name="QuestionId">The question.</param>
/// <param name="Points">Reached points, to four places.</param>
/// <param name="MaxPoints">What a right answer is worth.</param>
/// <param name="Feedback">On the choices that were made.</param>
/// <param name="Key">The right answer, shown once the quiz is passed or no attempt is left.</param>
/// <param name="ExplanationHtml">Shown together with the key.</param>
public sealed record AttemptResult(
    Guid QuestionId,
    decimal Points,
    decimal MaxPoints,
    IReadOnlyList<string> Feedback,
    QuestionAnswer? Key,
    string? ExplanationHtml);

/// <summary>One line of a learner's list of attempts.</summary>
/// <param name="AttemptId">The attempt.</param>
/// <param name="Number">Counts the learner's attempts from 1.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="ClosedAt">Null while it is open.</param>
/// <param name="Points">Null while it is open.</param>
/// <param name="MaxPoints">Points of all questions.</param>
/// <param name="Passed">Null while it is open.</param>
public sealed record AttemptSummary(
    Guid AttemptId,
    int Number,
    DateTimeOffset StartedAt,
    DateTimeOffset? ClosedAt,
    decimal? Points,
    decimal MaxPoints,
    bool? Passed);

/// <summary>The points of one question.</summary>
/// <param name="QuestionId">The question.</param>
/// <param name="Points">Reached points, to four places.</param>
/// <param name="MaxPoints">What a right answer is worth.</param>
public sealed record QuestionGrade(Guid QuestionId, decimal Points, decimal MaxPoints);
