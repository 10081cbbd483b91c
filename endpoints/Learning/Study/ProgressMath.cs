using System.Globalization;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>How progress is counted, and said.</summary>
static class ProgressMath
{
    /// <summary>Rounded down, so that 100 means all.</summary>
    public static int Percent(int completed, int lessons) => lessons == 0 ? 0 : completed * 100 / lessons;

    /// <summary>The fraction of a learner in a version: completed lessons that the version lacks count on both sides.</summary>
    public static (int Completed, int Lessons) Count(IReadOnlyCollection<Guid> version, IReadOnlySet<Guid> completed)
        => (completed.Count, version.Count + completed.Count - version.Count(completed.Contains));

    /// <summary>Why the percentage is what it is.</summary>
    public static string Explain(int completed, int lessons, int completedOutside, IReadOnlyList<string> openTitles)
    {
        var gone = completedOutside switch
        {
            0 => "",
            1 => " One lesson that you completed has left the course since; it still counts.",
            _ => string.Create(CultureInfo.InvariantCulture, $" {completedOutside} lessons that you completed have left the course since; they still count."),
        };
        var open = openTitles.Count switch
        {
            0 => " Nothing is missing.",
            <= 3 => $" Missing: {string.Join("; ", openTitles)}.",
            _ => string.Create(CultureInfo.InvariantCulture, $" Missing: {string.Join("; ", openTitles.Take(3))}; and {openTitles.Count - 3} more."),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{completed} of {lessons} lessons are completed, which makes {Percent(completed, lessons)} %.{open}{gone}");
    }

    /// <summary>What is to be done for a lesson of this kind.</summary>
    public static string Missing(LessonKind kind, bool attempted) => kind switch
    {
        LessonKind.Video => "Watch the video and mark it as completed.",
        LessonKind.Article => "Read the article and mark it as completed.",
        LessonKind.Quiz when attempted => "Pass the quiz: no attempt has passed yet.",
        LessonKind.Quiz => "Pass the quiz.",
        LessonKind.Assignment => "Do the assignment and mark it as completed.",
        LessonKind.Live => "Attend the meeting and mark it as completed.",
        _ => "Mark the lesson as completed.",
    };
}
