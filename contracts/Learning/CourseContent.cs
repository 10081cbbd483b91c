using System.Text.Json.Serialization;

namespace EdTech.Contracts.Learning;

/// <summary>What a lesson is.</summary>
[JsonConverter(typeof(CamelCaseEnum<LessonKind>))]
public enum LessonKind
{
    /// <summary>A video, with captions and text beside it.</summary>
    Video,

    /// <summary>Text to read.</summary>
    Article,

    /// <summary>Questions that are graded by the platform.</summary>
    Quiz,

    /// <summary>Work to hand in.</summary>
    Assignment,

    /// <summary>A meeting at a set time.</summary>
    Live,
}

/// <summary>How a question is answered.</summary>
[JsonConverter(typeof(CamelCaseEnum<QuestionKind>))]
public enum QuestionKind
{
    /// <summary>One of the choices.</summary>
    Single,

    /// <summary>Every right choice and no wrong one.</summary>
    Multiple,

    /// <summary>A number within a tolerance.</summary>
    Numeric,

    /// <summary>All choices, in the right order.</summary>
    Ordering,

    /// <summary>A few words.</summary>
    ShortText,
}

/// <summary>What a course says of itself in the catalogue.</summary>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Summary">One or two sentences, at most 500 characters.</param>
/// <param name="DescriptionHtml">Sanitised HTML, at most 50,000 characters.</param>
/// <param name="Language">BCP 47 tag: <c>en</c>, <c>pt-PT</c>.</param>
/// <param name="Level"><c>beginner</c>, <c>intermediate</c>, <c>advanced</c> or <c>all</c>.</param>
/// <param name="Subjects">1 to 10 lower-case subject names.</param>
/// <param name="Price">Null when the course is free.</param>
/// <param name="Prerequisites">Courses that should be completed before, at most 20.</param>
public sealed record CourseDetails(
    string Title,
    string Summary,
    string DescriptionHtml,
    string Language,
    string Level,
    IReadOnlyList<string> Subjects,
    Money? Price,
    IReadOnlyList<Guid> Prerequisites);

/// <summary>A chapter of a course's outline: at most 200 of them, each with at most 200 lessons.</summary>
/// <param name="SectionId">Stays the same over all versions of the course.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Lessons">In the order in which they are studied.</param>
public sealed record OutlineSection(Guid SectionId, string Title, IReadOnlyList<OutlineLesson> Lessons);

/// <summary>A lesson's place in the outline. Its content is a revision of its own, so that an outline stays small.</summary>
/// <param name="LessonId">Stays the same over all versions of the course: progress hangs on it.</param>
/// <param name="Revision">Which revision of the content this version of the course shows; counts from 1.</param>
/// <param name="Kind">What the lesson is.</param>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Minutes">Expected time to study, in minutes; null when unknown.</param>
/// <param name="FreePreview">Readable without enrolment.</param>
public sealed record OutlineLesson(Guid LessonId, int Revision, LessonKind Kind, string Title, int? Minutes, bool FreePreview);

/// <summary>The content of one lesson: the part that its kind needs is set, text may accompany every kind.</summary>
/// <param name="Html">Sanitised HTML, at most 500,000 characters.</param>
/// <param name="Video">Set for <see cref="LessonKind.Video"/>.</param>
/// <param name="Quiz">Set for <see cref="LessonKind.Quiz"/>.</param>
/// <param name="Assignment">Set for <see cref="LessonKind.Assignment"/>.</param>
/// <param name="Live">Set for <see cref="LessonKind.Live"/>.</param>
public sealed record LessonContent(string? Html, VideoContent? Video, QuizContent? Quiz, AssignmentContent? Assignment, LiveContent? Live);

/// <summary>Where a video is played from.</summary>
/// <param name="Sources">https addresses, the preferred one first; 1 to 10.</param>
/// <param name="YouTubeId">The video's id at YouTube, where it is there.</param>
/// <param name="DurationSeconds">Length; null when unknown.</param>
/// <param name="Captions">WebVTT addresses by BCP 47 language.</param>
public sealed record VideoContent(IReadOnlyList<string> Sources, string? YouTubeId, int? DurationSeconds, IReadOnlyDictionary<string, string> Captions);

/// <summary>Work to hand in.</summary>
/// <param name="Points">Most points to reach.</param>
/// <param name="DueDays">Days after enrolment; null when it is never due.</param>
public sealed record AssignmentContent(decimal Points, int? DueDays);

/// <summary>A meeting.</summary>
/// <param name="StartsAt">UTC instant.</param>
/// <param name="Minutes">Length in minutes.</param>
public sealed record LiveContent(DateTimeOffset StartsAt, int Minutes);

/// <summary>A quiz: graded at once, by the platform.</summary>
/// <param name="PassPercent">0 to 100: the share of the points that passes.</param>
/// <param name="MaxAttempts">Null for as many as one likes.</param>
/// <param name="TimeLimitSeconds">From the start of an attempt to its submission; null for none.</param>
/// <param name="Shuffle">Present questions in another order at each attempt.</param>
/// <param name="Questions">1 to 200.</param>
public sealed record QuizContent(int PassPercent, int? MaxAttempts, int? TimeLimitSeconds, bool Shuffle, IReadOnlyList<Question> Questions);

/// <summary>A question with its key. Learners are shown it without <see cref="Choice.Correct"/>, <see cref="Choice.Position"/>, <see cref="Numeric"/>, <see cref="Text"/> and <see cref="ExplanationHtml"/>.</summary>
/// <param name="QuestionId">Stays the same over revisions of the quiz.</param>
/// <param name="Kind">How it is answered.</param>
/// <param name="PromptHtml">Sanitised HTML.</param>
/// <param name="Points">What a right answer is worth; more than 0.</param>
/// <param name="PartialCredit">Give a share of the points for a partly right answer.</param>
/// <param name="Choices">For single, multiple and ordering; 2 to 50. Otherwise empty.</param>
/// <param name="Numeric">For numeric.</param>
/// <param name="Text">For short text.</param>
/// <param name="ExplanationHtml">Shown after grading. Sanitised HTML.</param>
/// <param name="Hints">Shown on request, in order.</param>
public sealed record Question(
    Guid QuestionId,
    QuestionKind Kind,
    string PromptHtml,
    decimal Points,
    bool PartialCredit,
    IReadOnlyList<Choice> Choices,
    NumericKey? Numeric,
    TextKey? Text,
    string? ExplanationHtml,
    IReadOnlyList<string> Hints);

/// <summary>One of the answers to choose from.</summary>
/// <param name="Id">Unique within the question: <c>a</c>, <c>b</c>.</param>
/// <param name="Html">Sanitised HTML.</param>
/// <param name="Correct">For single and multiple.</param>
/// <param name="Position">For ordering: its right place, from 0.</param>
/// <param name="Feedback">Shown after grading when it was chosen.</param>
public sealed record Choice(string Id, string Html, bool Correct, int? Position, string? Feedback);

/// <summary>What a numeric answer is compared with: right when within <paramref name="Tolerance"/> of <paramref name="Value"/>.</summary>
/// <param name="Value">The right number.</param>
/// <param name="Tolerance">Absolute, 0 for exact.</param>
/// <param name="AlsoAccepted">Other right numbers.</param>
/// <param name="HalfCredit">Numbers worth half of the points when the question gives partial credit.</param>
public sealed record NumericKey(decimal Value, decimal Tolerance, IReadOnlyList<decimal> AlsoAccepted, IReadOnlyList<decimal> HalfCredit);

/// <summary>What a short text is compared with, white space collapsed.</summary>
/// <param name="Accepted">Right answers.</param>
/// <param name="CaseSensitive">Whether case matters.</param>
/// <param name="Pattern">A regular expression (non-backtracking) that also accepts an answer when all of it matches.</param>
public sealed record TextKey(IReadOnlyList<string> Accepted, bool CaseSensitive, string? Pattern);

/// <summary>A learner's answer to one question; the part that the question's kind needs is set.</summary>
/// <param name="QuestionId">Which question.</param>
/// <param name="Choices">Ids of the choices; for ordering in the chosen order.</param>
/// <param name="Number">For numeric.</param>
/// <param name="Text">For short text, at most 2,000 characters.</param>
public sealed record QuestionAnswer(Guid QuestionId, IReadOnlyList<string>? Choices, decimal? Number, string? Text);
