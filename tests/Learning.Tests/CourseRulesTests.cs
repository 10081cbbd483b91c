using EdTech.Contracts;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class CourseRulesTests
{
    [Fact]
    public void The_courses_of_the_tests_obey_the_rules()
    {
        CourseRules.Check(LearningFixture.Details(price: new Money(1, "EUR"))).ShouldBeEmpty();
        foreach (var lesson in new[] { LearningFixture.Article(), LearningFixture.Video(freePreview: true), LearningFixture.Quiz(), LearningFixture.Quiz(LearningFixture.SingleQuestion(), LearningFixture.NumericQuestion()) })
            CourseRules.Check(lesson).ShouldBeEmpty();
    }

    public static TheoryData<string, CourseDetails?> WrongDetails() => new()
    {
        { "", null },
        { "title", LearningFixture.Details(null!) },
        { "title", LearningFixture.Details("a\u0001b") },
        { "title", LearningFixture.Details("half a pair \ud800") },
        { "summary", LearningFixture.Details() with { Summary = new string('x', 501) } },
        { "descriptionHtml", LearningFixture.Details() with { DescriptionHtml = new string('x', 50_001) } },
        { "language", LearningFixture.Details() with { Language = "english please" } },
        { "level", LearningFixture.Details() with { Level = "Beginner" } },
        { "subjects", LearningFixture.Details() with { Subjects = [] } },
        { "subjects", LearningFixture.Details() with { Subjects = ["a", "a"] } },
        { "subjects[1]", LearningFixture.Details() with { Subjects = ["a", "Upper"] } },
        { "price.currency", LearningFixture.Details(price: new Money(5, "eur")) },
        { "price.currency", LearningFixture.Details(price: new Money(5, "XTS")) },
        { "price.minorUnits", LearningFixture.Details(price: new Money(-1, "EUR")) },
        { "prerequisites", LearningFixture.Details() with { Prerequisites = [.. Enumerable.Range(0, 21).Select(_ => Guid.NewGuid())] } },
    };

    [Theory]
    [MemberData(nameof(WrongDetails), DisableDiscoveryEnumeration = true)]
    public void Wrong_details_name_the_field(string field, CourseDetails? details)
        => CourseRules.Check(details).ShouldHaveSingleItem().Field.ShouldBe(field);

    public static TheoryData<string, LessonDraft?> WrongLessons()
    {
        var single = LearningFixture.SingleQuestion();
        return new()
        {
            { "", null },
            { "content", LearningFixture.Article() with { Content = null! } },
            { "content.video", LearningFixture.Article() with { Kind = LessonKind.Video } },
            { "minutes", LearningFixture.Article() with { Minutes = 0 } },
            { "freePreview", LearningFixture.Quiz(single) with { FreePreview = true } },
            { "content.video.sources[0]", Video(v => v with { Sources = ["http://example.org/a.mp4"] }) },
            { "content.video.sources", Video(v => v with { Sources = [] }) },
            { "content.video.youTubeId", Video(v => v with { YouTubeId = "x\"onload=" }) },
            { "content.quiz.passPercent", LearningFixture.Quiz(101, null, null, single) },
            { "content.quiz.maxAttempts", LearningFixture.Quiz(50, 0, null, single) },
            { "content.quiz.questions", LearningFixture.Quiz(single, single) },
            { "content.quiz.questions[0]", LearningFixture.Quiz([null!]) },
            { "content.quiz.questions[0].choices", LearningFixture.Quiz(single with { Choices = [single.Choices[0]] }) },
            { "content.quiz.questions[0].choices", LearningFixture.Quiz(single with { Choices = [single.Choices[0], single.Choices[1] with { Correct = true }] }) },
            { "content.quiz.questions[0].choices", LearningFixture.Quiz(single with { Kind = QuestionKind.Ordering }) },
            { "content.quiz.questions[0].numeric", LearningFixture.Quiz(LearningFixture.NumericQuestion() with { Numeric = null }) },
            { "content.quiz.questions[0].text.pattern", Text(new TextKey([], false, "(a")) },
            { "content.quiz.questions[0].text.pattern", Text(new TextKey([], false, "((a{1000}){1000}){1000}")) },
            { "content.quiz.questions[0].text.pattern", Text(new TextKey([], false, @"(a)\1")) },
            { "content.quiz.questions[0].text.accepted", Text(new TextKey([], false, null)) },
        };

        static LessonDraft Video(Func<VideoContent, VideoContent> change)
        {
            var video = LearningFixture.Video();
            return video with { Content = video.Content with { Video = change(video.Content.Video!) } };
        }

        static LessonDraft Text(TextKey key)
            => LearningFixture.Quiz(LearningFixture.SingleQuestion() with { Kind = QuestionKind.ShortText, Choices = [], Text = key });
    }

    [Theory]
    [MemberData(nameof(WrongLessons), DisableDiscoveryEnumeration = true)]
    public void Wrong_lessons_name_the_field(string field, LessonDraft? lesson)
        => CourseRules.Check(lesson).ShouldHaveSingleItem().Field.ShouldBe(field);

    [Theory]
    [InlineData("Fractions, without fear!", "fractions-without-fear")]
    [InlineData("Álgebra & Equações", "algebra-equacoes")]
    [InlineData("  C# 14  ", "c-14")]
    [InlineData("Введение", "введение")]
    [InlineData("!!!", "course")]
    public void A_slug_is_what_can_be_read_in_an_address(string title, string slug) => CourseSlug.From(title).ShouldBe(slug);

    [Theory]
    [InlineData("pyhton", "python", 1)]
    [InlineData("python", "python", 0)]
    [InlineData("algebar", "algebra", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void Slips_are_counted(string a, string b, int slips) => Spelling.Slips(a, b).ShouldBe(slips);

    [Fact]
    public void The_nearest_word_is_meant_unless_it_is_too_far()
    {
        Spelling.Nearest("pyhton", ["python", "photon", "pylon"]).ShouldBe(["python"]);
        Spelling.Nearest("canada", ["banana"]).ShouldBeEmpty();
        Spelling.Nearest("xqzz", ["jazz"]).ShouldBeEmpty();
    }
}
