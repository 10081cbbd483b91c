using CsCheck;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class PathGraphTests
{
    static readonly Guid[] Courses = [.. Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7())];

    [Fact]
    public void A_circle_is_found_and_shown()
    {
        var cycle = PathGraph.Cycle([Step(0), Step(1, 0, 3), Step(2, 1), Step(3, 2)]);

        cycle.ShouldBe([Courses[1], Courses[3], Courses[2], Courses[1]]);
    }

    [Fact]
    public void A_course_that_requires_itself_is_a_circle() => PathGraph.Cycle([Step(0, 0)]).ShouldBe([Courses[0], Courses[0]]);

    [Fact]
    public void Ways_that_part_and_meet_again_are_no_circle() => PathGraph.Cycle([Step(0), Step(1, 0), Step(2, 0), Step(3, 1, 2)]).ShouldBeNull();

    [Fact]
    public void A_circle_is_shown_exactly_when_nobody_could_finish()
        => Gen.Int[0, 11].Array[0, 3].Array[12].Sample(requires =>
        {
            PathStep[] steps = [.. requires.Select((r, i) => Step(i, [.. r.Distinct()]))];
            var completed = new HashSet<Guid>();
            while (PathGraph.Next(steps, completed) is { } next)
                completed.Add(next);

            var cycle = PathGraph.Cycle(steps);
            return cycle is null
                ? completed.Count == steps.Length
                : completed.Count < steps.Length && cycle[0] == cycle[^1] && cycle.Zip(cycle.Skip(1)).All(p => steps.Single(s => s.CourseId == p.First).Requires.Contains(p.Second));
        });

    static PathStep Step(int course, params int[] requires) => new(Courses[course], [.. requires.Select(r => Courses[r])]);
}
