using System.Text.RegularExpressions;

namespace EdTech.Contracts.Learning;

/// <summary>A field that breaks a rule.</summary>
/// <param name="Field">Its path in the request's JSON: <c>content.quiz.questions[2].points</c>.</param>
/// <param name="Message">What is expected of it.</param>
public sealed record Fault(string Field, string Message);

/// <summary>
/// The limits of what an author writes. The gateway asks here before it sends (400), the endpoint before it stores (422), so that a
/// command from elsewhere obeys them too. JSON can leave out anything, so nothing is taken to be there.
/// </summary>
public static partial class CourseRules
{
    /// <summary>Most sections of a course.</summary>
    public const int MaxSections = 200;

    /// <summary>Most lessons of a section.</summary>
    public const int MaxLessonsPerSection = 200;

    /// <summary>Most lessons of a course: its outline travels whole.</summary>
    public const int MaxLessons = 2_000;

    /// <summary>Longest HTML of a lesson, in characters.</summary>
    public const int MaxLessonHtml = 500_000;

    /// <summary>Longest HTML of a description.</summary>
    public const int MaxDescriptionHtml = 50_000;

    /// <summary>Longest HTML of a prompt or an explanation.</summary>
    public const int MaxPromptHtml = 20_000;

    /// <summary>Longest HTML of a choice.</summary>
    public const int MaxChoiceHtml = 5_000;

    static readonly string[] Levels = ["beginner", "intermediate", "advanced", "all"];

    /// <summary>A section's title.</summary>
    public static IReadOnlyList<Fault> CheckTitle(string? title)
    {
        var faults = new Faults("");
        faults.Text("title", title, 1, 200);
        return faults.Found;
    }

    /// <summary>What a course says of itself.</summary>
    public static IReadOnlyList<Fault> Check(CourseDetails? details)
    {
        var faults = new Faults("");
        if (details is null)
        {
            faults.Add("", "Details are missing.");
            return faults.Found;
        }

        faults.Text("title", details.Title, 1, 200);
        faults.Text("summary", details.Summary, 0, 500);
        faults.Html("descriptionHtml", details.DescriptionHtml, 0, MaxDescriptionHtml);
        if (details.Language is null || !LanguageTag().IsMatch(details.Language))
            faults.Add("language", "A BCP 47 language tag, such as en or pt-PT.");
        if (!Levels.Contains(details.Level, StringComparer.Ordinal))
            faults.Add("level", $"One of {string.Join(", ", Levels)}.");
        CheckSubjects(details.Subjects, faults);
        if (details.Price is { } price)
        {
            if (price.Currency is null || !Currencies.Known(price.Currency))
                faults.Add("price.currency", "An ISO 4217 code in upper case, such as EUR.");
            if (price.MinorUnits is < 0 or > 1_000_000_000)
                faults.Add("price.minorUnits", "0 to 1,000,000,000.");
        }

        if (details.Prerequisites is { } prerequisites)
        {
            if (prerequisites.Count > 20)
                faults.Add("prerequisites", "At most 20.");
            else if (prerequisites.Distinct().Count() != prerequisites.Count)
                faults.Add("prerequisites", "Each course once.");
        }

        return faults.Found;
    }

    /// <summary>A lesson. A quiz may have no questions yet; publishing asks for one.</summary>
    public static IReadOnlyList<Fault> Check(LessonDraft? lesson)
    {
        var faults = new Faults("");
        if (lesson is null)
        {
            faults.Add("", "The lesson is missing.");
            return faults.Found;
        }

        faults.Text("title", lesson.Title, 1, 200);
        if (!Enum.IsDefined(lesson.Kind))
            faults.Add("kind", "One of video, article, quiz, assignment, live.");
        faults.Range("minutes", lesson.Minutes, 1, 6_000);
        if (lesson.FreePreview && lesson.Kind is not (LessonKind.Video or LessonKind.Article))
            faults.Add("freePreview", "Only videos and articles can be previewed.");
        if (lesson.Content is null)
            faults.Add("content", "The content is missing.");
        else
            CheckContent(lesson.Kind, lesson.Content, faults.Within("content"));
        return faults.Found;
    }

    static void CheckSubjects(IReadOnlyList<string>? subjects, Faults faults)
    {
        if (subjects is null || subjects.Count is < 1 or > 10)
        {
            faults.Add("subjects", "1 to 10 subjects.");
            return;
        }

        for (var i = 0; i < subjects.Count; i++)
        {
            if (subjects[i] is not { Length: >= 1 and <= 60 } subject || char.IsWhiteSpace(subject[0]) || char.IsWhiteSpace(subject[^1]) || subject.Any(c => char.IsUpper(c) || char.IsControl(c)))
                faults.Add($"subjects[{i}]", "1 to 60 characters in lower case.");
        }

        if (subjects.Distinct(StringComparer.Ordinal).Count() != subjects.Count)
            faults.Add("subjects", "Each subject once.");
    }

    static void CheckContent(LessonKind kind, LessonContent content, Faults faults)
    {
        faults.Html("html", content.Html, 0, MaxLessonHtml);
        faults.Part("video", content.Video, kind == LessonKind.Video);
        faults.Part("quiz", content.Quiz, kind == LessonKind.Quiz);
        faults.Part("assignment", content.Assignment, kind == LessonKind.Assignment);
        faults.Part("live", content.Live, kind == LessonKind.Live);

        if (content.Video is { } video)
            CheckVideo(video, faults.Within("video"));
        if (content.Quiz is { } quiz)
            CheckQuiz(quiz, faults.Within("quiz"));
        if (content.Assignment is { } assignment)
        {
            faults.Points("assignment.points", assignment.Points);
            faults.Range("assignment.dueDays", assignment.DueDays, 0, 3_650);
        }

        if (content.Live is { } live)
            faults.Range("live.minutes", live.Minutes, 1, 1_440);
    }

    static void CheckVideo(VideoContent video, Faults faults)
    {
        if (video.YouTubeId is not null && !YouTubeId().IsMatch(video.YouTubeId))
            faults.Add("youTubeId", "The 11 characters after v= in the video's address.");
        if (video.Sources is null || video.Sources.Count > 10 || (video.Sources.Count == 0 && video.YouTubeId is null))
            faults.Add("sources", "1 to 10 addresses, or a YouTube id.");
        for (var i = 0; i < (video.Sources?.Count ?? 0); i++)
            faults.Https($"sources[{i}]", video.Sources![i]);
        faults.Range("durationSeconds", video.DurationSeconds, 0, 360_000);
        if (video.Captions is not { } captions)
            return;
        if (captions.Count > 100)
            faults.Add("captions", "At most 100.");
        foreach (var (language, address) in captions.Take(100))
        {
            if (!LanguageTag().IsMatch(language))
                faults.Add("captions", "Addresses by BCP 47 language tag.");
            faults.Https($"captions.{Printable(language)}", address);
        }
    }

    static void CheckQuiz(QuizContent quiz, Faults faults)
    {
        faults.Range("passPercent", quiz.PassPercent, 0, 100);
        faults.Range("maxAttempts", quiz.MaxAttempts, 1, 1_000);
        faults.Range("timeLimitSeconds", quiz.TimeLimitSeconds, 10, 604_800);
        if (quiz.Questions is null || quiz.Questions.Count > 200)
        {
            faults.Add("questions", "At most 200 questions.");
            return;
        }

        for (var i = 0; i < quiz.Questions.Count; i++)
        {
            if (quiz.Questions[i] is { } question)
                CheckQuestion(question, faults.Within($"questions[{i}]"));
            else
                faults.Add($"questions[{i}]", "The question is missing.");
        }

        if (quiz.Questions.Where(q => q is not null).GroupBy(q => q.QuestionId).Any(g => g.Count() > 1))
            faults.Add("questions", "Each question has an id of its own.");
    }

    static void CheckQuestion(Question question, Faults faults)
    {
        if (question.QuestionId == Guid.Empty)
            faults.Add("questionId", "A UUID.");
        if (!Enum.IsDefined(question.Kind))
            faults.Add("kind", "One of single, multiple, numeric, ordering, shortText.");
        faults.Html("promptHtml", question.PromptHtml, 1, MaxPromptHtml);
        faults.Points("points", question.Points);
        faults.Html("explanationHtml", question.ExplanationHtml, 0, MaxPromptHtml);
        faults.Strings("hints", question.Hints, 10, 2_000);
        faults.Part("numeric", question.Numeric, question.Kind == QuestionKind.Numeric);
        faults.Part("text", question.Text, question.Kind == QuestionKind.ShortText);

        if (question.Kind is QuestionKind.Single or QuestionKind.Multiple or QuestionKind.Ordering)
            CheckChoices(question.Kind, question.Choices, faults);
        else if (question.Choices is { Count: > 0 })
            faults.Add("choices", $"A {question.Kind} question has none.");

        if (question.Numeric is { } numeric)
        {
            if (numeric.Tolerance < 0)
                faults.Add("numeric.tolerance", "0 or more.");
            if (numeric.AlsoAccepted is { Count: > 50 })
                faults.Add("numeric.alsoAccepted", "At most 50.");
            if (numeric.HalfCredit is { Count: > 50 })
                faults.Add("numeric.halfCredit", "At most 50.");
        }

        if (question.Text is { } text)
        {
            faults.Strings("text.accepted", text.Accepted, 50, 500);
            if (text.Accepted is not { Count: > 0 } && text.Pattern is null)
                faults.Add("text.accepted", "At least one right answer, or a pattern.");
            if (text.Pattern is { } pattern && !IsSafePattern(pattern))
                faults.Add("text.pattern", "A regular expression of at most 200 characters without back-references and look-around.");
        }
    }

    static void CheckChoices(QuestionKind kind, IReadOnlyList<Choice>? choices, Faults faults)
    {
        if (choices is null || choices.Count is < 2 or > 50 || choices.Any(c => c is null))
        {
            faults.Add("choices", "2 to 50 choices.");
            return;
        }

        for (var i = 0; i < choices.Count; i++)
        {
            if (choices[i].Id is not { Length: >= 1 and <= 50 } id || id.Any(char.IsControl))
                faults.Add($"choices[{i}].id", "1 to 50 characters.");
            faults.Html($"choices[{i}].html", choices[i].Html, 1, MaxChoiceHtml);
            faults.Html($"choices[{i}].feedback", choices[i].Feedback, 0, MaxChoiceHtml);
        }

        if (choices.DistinctBy(c => c.Id, StringComparer.Ordinal).Count() != choices.Count)
            faults.Add("choices", "Each choice has an id of its own.");

        var right = choices.Count(c => c.Correct);
        if (kind == QuestionKind.Single && right != 1)
            faults.Add("choices", "Exactly one is correct.");
        if (kind == QuestionKind.Multiple && right == 0)
            faults.Add("choices", "At least one is correct.");
        if (kind == QuestionKind.Ordering && !choices.Select(c => c.Position ?? -1).Order().SequenceEqual(Enumerable.Range(0, choices.Count)))
            faults.Add("choices", "Positions are 0, 1, 2 and so on, each once.");
    }

    // The engine that does not backtrack takes time linear in the answer, and refuses a pattern whose automaton would be too large.
    static bool IsSafePattern(string pattern)
    {
        if (pattern.Length is 0 or > 200)
            return false;
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    static string Printable(string text) => text.Length <= 35 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? text : "(key)";

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LanguageTag();

    [GeneratedRegex("^[A-Za-z0-9_-]{11}$", RegexOptions.NonBacktracking)]
    private static partial Regex YouTubeId();

    /// <summary>Collects faults under a path; stops at 50, which is enough to see what is going on.</summary>
    sealed class Faults(string path, List<Fault>? found = null)
    {
        public List<Fault> Found { get; } = found ?? [];

        public Faults Within(string part) => new(Path(part), Found);

        public void Add(string field, string message)
        {
            if (Found.Count < 50)
                Found.Add(new Fault(Path(field), message));
        }

        public void Text(string field, string? value, int min, int max)
        {
            if ((value?.Trim().Length ?? 0) < min || (value?.Length ?? 0) > max)
                Add(field, min == 0 ? $"At most {max} characters." : $"{min} to {max} characters.");
            else if (value?.Any(c => char.IsControl(c) && c is not '\n') == true || HasLoneSurrogate(value))
                Add(field, "Without control characters.");
        }

        public void Html(string field, string? value, int min, int max)
        {
            if ((value?.Trim().Length ?? 0) < min || (value?.Length ?? 0) > max)
                Add(field, min == 0 ? $"At most {max} characters." : $"{min} to {max} characters.");
            else if (value?.Contains('\0', StringComparison.Ordinal) == true || HasLoneSurrogate(value))
                Add(field, "Without characters that no text has.");
            else if (value is not null && !HtmlDepth.IsReasonable(value))
                Add(field, "HTML of at most 20,000 elements, nested or left open at most 100 deep.");
        }

        public void Strings(string field, IReadOnlyList<string>? values, int maxCount, int maxLength)
        {
            if (values is { } list && list.Count > maxCount)
                Add(field, $"At most {maxCount}.");
            for (var i = 0; i < Math.Min(values?.Count ?? 0, maxCount); i++)
                Text($"{field}[{i}]", values![i], 1, maxLength);
        }

        public void Range(string field, int? value, int min, int max)
        {
            if (value < min || value > max)
                Add(field, FormattableString.Invariant($"{min:N0} to {max:N0}."));
        }

        public void Points(string field, decimal value)
        {
            if (value is <= 0 or > 10_000)
                Add(field, "More than 0, at most 10,000.");
        }

        public void Part(string field, object? value, bool wanted)
        {
            if (wanted && value is null)
                Add(field, "Needed for this kind.");
            if (!wanted && value is not null)
                Add(field, "Not part of this kind.");
        }

        public void Https(string field, string? value)
        {
            if (value is not { Length: <= 2_000 } || !Uri.TryCreate(value, UriKind.Absolute, out var address) || !string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
                Add(field, "An https address of at most 2,000 characters.");
        }

        string Path(string field) => path.Length == 0 ? field : field.Length == 0 ? path : $"{path}.{field}";

        // PostgreSQL takes no half of a surrogate pair.
        static bool HasLoneSurrogate(string? value)
        {
            for (var i = 0; i < (value?.Length ?? 0); i++)
            {
                if (!char.IsSurrogate(value![i]))
                    continue;
                if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                    return true;
                i++;
            }

            return false;
        }
    }
}
