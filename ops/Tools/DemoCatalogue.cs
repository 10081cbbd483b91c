using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdTech.Contracts;
using EdTech.Contracts.Learning;

namespace EdTech.Tools;

/// <summary>The courses of <c>ops/catalogue</c>, in the short form in which they are written there.</summary>
static class DemoCatalogue
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static IReadOnlyList<DemoCourse> Courses()
        => [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => char.IsAsciiDigit(n[0])).Order(StringComparer.Ordinal).Select(Read<DemoCourse>)];

    public static IReadOnlyList<DemoPath> Paths() => Read<List<DemoPath>>("paths.json");

    static T Read<T>(string name)
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded in EdTech.Tools. Build it again.");
        return JsonSerializer.Deserialize<T>(file, Json)!;
    }
}

sealed record DemoCourse(
    string Key,
    string Tutor,
    string Title,
    string Summary,
    string DescriptionHtml,
    string Language,
    string Level,
    IReadOnlyList<string> Subjects,
    IReadOnlyList<DemoSection> Sections,
    Money? Price = null,
    IReadOnlyList<string>? Prerequisites = null)
{
    public CourseDetails Details(IReadOnlyDictionary<string, Guid> ids)
        => new(Title, Summary, DescriptionHtml, Language, Level, Subjects, Price, [.. (Prerequisites ?? []).Select(p => ids[p])]);
}

sealed record DemoSection(string Title, IReadOnlyList<DemoLesson> Lessons);

/// <summary>A lesson: its title stands under its kind.</summary>
sealed record DemoLesson(
    int Minutes,
    string? Article = null,
    string? Video = null,
    string? Quiz = null,
    bool Preview = false,
    string? Html = null,
    IReadOnlyList<string>? Sources = null,
    int? Seconds = null,
    int Pass = 50,
    IReadOnlyList<DemoQuestion>? Questions = null)
{
    public LessonDraft Draft()
    {
        if (Quiz is not null)
            return new LessonDraft(LessonKind.Quiz, Quiz, Minutes, FreePreview: false, new LessonContent(Html, null, new QuizContent(Pass, null, null, Shuffle: false, [.. Questions!.Select(q => q.Question())]), null, null));
        return Video is not null
            ? new LessonDraft(LessonKind.Video, Video, Minutes, Preview, new LessonContent(Html, new VideoContent(Sources!, null, Seconds, new Dictionary<string, string>(StringComparer.Ordinal)), null, null, null))
            : new LessonDraft(LessonKind.Article, Article!, Minutes, Preview, new LessonContent(Html, null, null, null, null));
    }
}

/// <summary>A question: its prompt stands under its kind; right choices begin with a plus, choices to be ordered stand in the right order.</summary>
sealed record DemoQuestion(
    string? Single = null,
    string? Multiple = null,
    string? Numeric = null,
    string? Ordering = null,
    string? Text = null,
    IReadOnlyList<string>? Choices = null,
    decimal Value = 0,
    decimal Tolerance = 0,
    IReadOnlyList<string>? Accepted = null,
    bool Partial = false,
    string? Why = null,
    IReadOnlyList<string>? Hints = null)
{
    public Question Question()
    {
        var kind = Single is not null ? QuestionKind.Single : Multiple is not null ? QuestionKind.Multiple : Numeric is not null ? QuestionKind.Numeric : Ordering is not null ? QuestionKind.Ordering : QuestionKind.ShortText;
        return new Question(
            Guid.CreateVersion7(),
            kind,
            (Single ?? Multiple ?? Numeric ?? Ordering ?? Text)!,
            1,
            Partial,
            kind == QuestionKind.Ordering ? Scrambled() : [.. (Choices ?? []).Select((c, i) => new Choice(Letter(i), c.TrimStart('+'), c.StartsWith('+'), null, null))],
            kind == QuestionKind.Numeric ? new NumericKey(Value, Tolerance, [], []) : null,
            kind == QuestionKind.ShortText ? new TextKey(Accepted!, CaseSensitive: false, null) : null,
            Why,
            Hints ?? []);
    }

    // Nobody should pass by leaving them as they are.
    List<Choice> Scrambled()
        => [.. Choices!.Select((c, i) => (Html: c, Position: i)).OrderBy(c => (c.Position + 1) % 2 * 100 - c.Position).Select((c, i) => new Choice(Letter(i), c.Html, Correct: false, c.Position, null))];

    static string Letter(int index) => ((char)('a' + index)).ToString();
}

sealed record DemoPath(string Tutor, string Title, string Summary, IReadOnlyList<DemoPathStep> Steps);

sealed record DemoPathStep(string Course, IReadOnlyList<string> Requires);
