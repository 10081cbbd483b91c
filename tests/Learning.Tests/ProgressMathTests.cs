using CsCheck;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class ProgressMathTests
{
    static readonly Guid[] Lessons = [.. Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7())];

    [Fact]
    public void Progress_goes_down_only_when_content_is_added()
        => Gen.Select(Some, Some, Some).Sample((before, after, wished) =>
        {
            var completed = wished.Where(before.Contains).ToHashSet();
            var (was, of) = ProgressMath.Count(before, completed);
            var (now, ofNow) = ProgressMath.Count(after, completed);
            return after.Except(before).Any() || now * of >= was * ofNow;
        });

    [Fact]
    public void All_is_completed_exactly_when_every_lesson_of_the_version_is()
        => Gen.Select(Some, Some).Sample((version, completed) =>
        {
            var (done, of) = ProgressMath.Count(version, completed.ToHashSet());
            return ProgressMath.Percent(done, of) == 100 == version.All(completed.Contains) || done == 0;
        });

    [Fact]
    public void The_explanation_names_what_is_missing_and_what_has_left()
        => ProgressMath.Explain(7, 8, 1, ["Last words"]).ShouldBe(
            "7 of 8 lessons are completed, which makes 87 %. Missing: Last words. One lesson that you completed has left the course since; it still counts.");

    static readonly Gen<Guid[]> Some = Gen.Int[0, 9].Select(i => Lessons[i]).HashSet[1, 10].Select(s => s.ToArray());
}
