using EdTech.Contracts;
using EdTech.Contracts.Learning;

namespace EdTech.Learning.Tests;

/// <summary>A course as a test begins with it: lessons in the order of the outline.</summary>
public sealed record TestCourse(Guid Id, Actor Tutor, IReadOnlyList<Guid> Sections, IReadOnlyList<Guid> Lessons, long Edit);

public sealed partial class LearningFixture
{
    public static CourseDetails Details(string title = "Fractions without fear", Money? price = null)
        => new(title, "Halves, thirds and what to do with them.", "<p>For everybody.</p>", "en", "beginner", ["mathematics"], price, []);

    public static LessonDraft Article(string title = "What a half is", string html = "<p>Two of them make one.</p>")
        => new(LessonKind.Article, title, 10, false, new LessonContent(html, null, null, null, null));

    public static LessonDraft Video(string title = "Cutting a cake", bool freePreview = false)
        => new(LessonKind.Video, title, 5, freePreview, new LessonContent(null, new VideoContent(["https://videos.example.org/cake.mp4"], null, 300, new Dictionary<string, string>()), null, null, null));

    public static LessonDraft Quiz(params Question[] questions)
        => Quiz(passPercent: 50, maxAttempts: null, timeLimitSeconds: null, questions);

    public static LessonDraft Quiz(int passPercent, int? maxAttempts, int? timeLimitSeconds, params Question[] questions)
        => new(LessonKind.Quiz, "Try yourself", 5, false, new LessonContent(null, null, new QuizContent(passPercent, maxAttempts, timeLimitSeconds, false, questions), null, null));

    /// <summary>Which is larger: 1/2 (choice <c>a</c>, right) or 1/3 (choice <c>b</c>)?</summary>
    public static Question SingleQuestion(decimal points = 1)
        => new(Guid.CreateVersion7(), QuestionKind.Single, "<p>Which is larger?</p>", points, false, [new Choice("a", "1/2", true, null, null), new Choice("b", "1/3", false, null, "A third is less than a half.")], null, null, "Compare over six.", []);

    /// <summary>What is 1/2 as a decimal? 0.5, or 0.50.</summary>
    public static Question NumericQuestion(decimal points = 1)
        => new(Guid.CreateVersion7(), QuestionKind.Numeric, "<p>One half as a decimal?</p>", points, false, [], new NumericKey(0.5m, 0.001m, [], []), null, null, ["Divide one by two."]);

    /// <summary>A draft without sections.</summary>
    public async Task<TestCourse> EmptyDraft(CourseDetails? details = null, Actor? tutor = null)
    {
        var by = tutor ?? Tutor();
        var id = Guid.CreateVersion7();
        var done = await Worker.Done(new CreateCourse(by, id, details ?? Details()));
        return new TestCourse(id, by, [], [], done.Version);
    }

    /// <summary>A draft of one section with these lessons: an article and a video by default.</summary>
    public async Task<TestCourse> DraftCourse(CourseDetails? details = null, Actor? tutor = null, params LessonDraft[] lessons)
    {
        var course = await EmptyDraft(details, tutor);
        var section = Guid.CreateVersion7();
        NewLesson[] written = [.. (lessons.Length > 0 ? lessons : [Article(), Video()]).Select(l => new NewLesson(Guid.CreateVersion7(), l))];
        var done = await Worker.Done(new AddLessons(course.Tutor, course.Id, section, "The first steps", written));
        return course with { Sections = [section], Lessons = [.. written.Select(l => l.LessonId)], Edit = done.Version };
    }

    /// <summary>A published free course of one section with these lessons: an article and a video by default.</summary>
    public Task<TestCourse> PublishedFreeCourse(params LessonDraft[] lessons) => PublishedCourse(null, null, lessons);

    /// <summary>A published course for 20 euros.</summary>
    public Task<TestCourse> PublishedPaidCourse(params LessonDraft[] lessons) => PublishedCourse(Details(price: new Money(2_000, "EUR")), null, lessons);

    /// <summary>A published course.</summary>
    public async Task<TestCourse> PublishedCourse(CourseDetails? details = null, Actor? tutor = null, params LessonDraft[] lessons)
    {
        var course = await DraftCourse(details, tutor, lessons);
        var done = await Worker.Done(new PublishCourse(course.Tutor, course.Id, course.Edit));
        return course with { Edit = done.Version };
    }
}
