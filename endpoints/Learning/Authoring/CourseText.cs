using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>What an author wrote, as it is stored: checked against <see cref="CourseRules"/>, HTML sanitised, titles trimmed.</summary>
static class CourseText
{
    /// <returns>Null when the handler has been refused and has nothing more to do.</returns>
    public static Task<CourseDetails?> Accept(IMessageHandlerContext context, CourseDetails details)
        => Accept(context, "course.details_invalid", CourseRules.Check(details), () => Clean(details));

    /// <returns>Null when the handler has been refused and has nothing more to do.</returns>
    public static Task<LessonDraft?> Accept(IMessageHandlerContext context, LessonDraft lesson)
        => Accept(context, "lesson.invalid", CourseRules.Check(lesson), () => Clean(lesson));

    /// <returns>Null when the handler has been refused and has nothing more to do.</returns>
    public static Task<string?> AcceptTitle(IMessageHandlerContext context, string title)
        => Accept(context, "section.title_invalid", CourseRules.CheckTitle(title), title.Trim);

    static async Task<T?> Accept<T>(IMessageHandlerContext context, string code, IReadOnlyList<Fault> faults, Func<T> clean)
        where T : class
    {
        if (faults.Count > 0)
        {
            await context.Refuse(
                RefusalKind.Invalid,
                code,
                faults[0].Field.Length == 0 ? faults[0].Message : $"{faults[0].Field}: {faults[0].Message}",
                faults.DistinctBy(f => f.Field, StringComparer.Ordinal).ToDictionary(f => f.Field, f => f.Message, StringComparer.Ordinal));
            return null;
        }

        try
        {
            return clean();
        }
        catch (HtmlTooComplexException)
        {
            await context.Refuse(RefusalKind.Invalid, code, "The HTML is too complex. Write it with fewer nested and unclosed elements.");
            return null;
        }
    }

    public static CourseDetails Clean(CourseDetails details) => details with
    {
        Title = details.Title.Trim(),
        Summary = details.Summary?.Trim() ?? "",
        DescriptionHtml = SafeHtml.Clean(details.DescriptionHtml ?? ""),
        Price = details.Price is { MinorUnits: > 0 } price ? price : null,
        Prerequisites = details.Prerequisites ?? [],
    };

    public static LessonDraft Clean(LessonDraft lesson) => lesson with
    {
        Title = lesson.Title.Trim(),
        Content = lesson.Content with
        {
            Html = CleanOrNull(lesson.Content.Html),
            Video = lesson.Content.Video is { } video ? video with { Captions = video.Captions ?? new Dictionary<string, string>(StringComparer.Ordinal) } : null,
            Quiz = lesson.Content.Quiz is { } quiz ? quiz with { Questions = [.. quiz.Questions.Select(Clean)] } : null,
        },
    };

    static Question Clean(Question question) => question with
    {
        PromptHtml = SafeHtml.Clean(question.PromptHtml),
        ExplanationHtml = CleanOrNull(question.ExplanationHtml),
        Choices = [.. (question.Choices ?? []).Select(c => c with { Html = SafeHtml.Clean(c.Html), Feedback = CleanOrNull(c.Feedback) })],
        Numeric = question.Numeric is { } numeric ? numeric with { AlsoAccepted = numeric.AlsoAccepted ?? [], HalfCredit = numeric.HalfCredit ?? [] } : null,
        Text = question.Text is { } text ? text with { Accepted = text.Accepted ?? [] } : null,
        Hints = question.Hints ?? [],
    };

    static string? CleanOrNull(string? html) => string.IsNullOrWhiteSpace(html) ? null : SafeHtml.Clean(html);
}
