using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class PathTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task A_path_leads_from_course_to_course()
    {
        var courses = await Courses(3);
        var path = await Published(courses, Step(courses, 0), Step(courses, 1, 0), Step(courses, 2, 1));
        var student = LearningFixture.Student();
        await _worker.Done(new FollowPath(student, path));
        await _worker.Done(new FollowPath(student, path));

        var before = await View(student, path);
        await learning.Graduate(courses[0], student);
        var after = await View(student, path);

        before.Following.ShouldBeTrue();
        before.Percent.ShouldBe(0);
        before.NextCourseId.ShouldBe(courses[0].Id);
        before.Steps[1].MissingRequired.ShouldBe([courses[0].Id]);
        after.Percent.ShouldBe(33);
        after.NextCourseId.ShouldBe(courses[1].Id);
        after.Steps[0].Completed.ShouldBeTrue();
        after.Steps[1].MissingRequired.ShouldBeEmpty();
        (await _worker.Event<PathPublished>(e => e.PathId == path)).CourseIds.ShouldBe([.. courses.Select(c => c.Id)]);
    }

    [Fact]
    public async Task A_circle_of_required_courses_is_refused_and_shown()
    {
        var courses = await Courses(3);

        var refused = await _worker.Refused(new CreatePath(courses[0].Tutor, Guid.CreateVersion7(), "Round", "And round.", [Step(courses, 0, 2), Step(courses, 1, 0), Step(courses, 2, 1)]));

        refused.Kind.ShouldBe(RefusalKind.Invalid);
        refused.Code.ShouldBe("path.cycle");
        refused.Details!["cycle"].ShouldBe(string.Join(" -> ", courses[0].Id, courses[2].Id, courses[1].Id, courses[0].Id));
    }

    [Fact]
    public async Task What_a_path_cannot_hold_is_refused()
    {
        var courses = await Courses(2);
        var draft = await learning.DraftCourse();
        var tutor = courses[0].Tutor;

        (await Refused(tutor, Step(courses, 0), Step(courses, 0))).ShouldBe("path.course_twice");
        (await Refused(tutor, Step(courses, 0, 1))).ShouldBe("path.required_course_not_on_path");
        (await Refused(tutor, new PathStep(draft.Id, []))).ShouldBe("path.course_not_published");
        (await Refused(tutor, new PathStep(Guid.CreateVersion7(), []))).ShouldBe("path.course_not_published");
        (await Refused(LearningFixture.Student(), Step(courses, 0))).ShouldBe("path.author_only");
    }

    [Fact]
    public async Task Only_the_author_sees_and_changes_a_draft()
    {
        var courses = await Courses(2);
        var author = courses[0].Tutor;
        var path = await Draft(courses, Step(courses, 0));
        var other = LearningFixture.Tutor();

        (await learning.GetRefused(other, $"/internal/learning/paths/{path}")).Kind.ShouldBe(RefusalKind.NotFound);
        (await _worker.Refused(new PublishPath(other, path, null))).Kind.ShouldBe(RefusalKind.NotFound);
        (await _worker.Refused(new FollowPath(LearningFixture.Student(), path))).Kind.ShouldBe(RefusalKind.NotFound);

        await _worker.Done(new PublishPath(author, path, 1));

        (await _worker.Refused(new RevisePath(other, path, null, "Mine now", "", [Step(courses, 0)]))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await _worker.Refused(new RevisePath(author, path, 1, "Late", "", [Step(courses, 0)]))).Kind.ShouldBe(RefusalKind.Stale);
        (await _worker.Done(new RevisePath(author, path, 2, "Longer", "", [Step(courses, 1), Step(courses, 0, 1)]))).Version.ShouldBe(3);
        var view = await View(author, path);
        view.Title.ShouldBe("Longer");
        view.Steps.Select(s => s.CourseId).ShouldBe([courses[1].Id, courses[0].Id]);
        view.Steps[1].Requires.ShouldBe([courses[1].Id]);
    }

    [Fact]
    public async Task Two_changes_to_the_same_version_let_one_through()
    {
        var courses = await Courses(1);
        var path = await Draft(courses, Step(courses, 0));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => _worker.Ask(new RevisePath(courses[0].Tutor, path, 1, $"Title {i}", "", [Step(courses, 0)]))));

        answers.OfType<Done>().Count().ShouldBe(1);
        answers.OfType<Refused>().ShouldAllBe(r => r.Kind == RefusalKind.Stale);
    }

    [Fact]
    public async Task Following_can_be_ended_and_begun_again()
    {
        var courses = await Courses(1);
        var path = await Published(courses, Step(courses, 0));
        var student = LearningFixture.Student();

        await _worker.Done(new FollowPath(student, path));
        (await learning.Get<Page<PathSummary>>(student, "/internal/learning/me/paths")).Items.Single().PathId.ShouldBe(path);
        await _worker.Done(new UnfollowPath(student, path));
        (await learning.Get<Page<PathSummary>>(student, "/internal/learning/me/paths")).Items.ShouldBeEmpty();
        await _worker.Done(new FollowPath(student, path));
        (await View(student, path)).Following.ShouldBeTrue();
        (await learning.Get<Page<PathSummary>>(courses[0].Tutor, "/internal/learning/me/authored-paths")).Items.Single().Courses.ShouldBe(1);
        (await learning.Get<Page<PathSummary>>(null, "/internal/learning/paths?limit=100")).Items.ShouldContain(p => p.PathId == path);
    }

    [Fact]
    public async Task A_path_with_an_archived_course_is_not_published()
    {
        var courses = await Courses(1);
        var path = await Draft(courses, Step(courses, 0));
        await _worker.Done(new ArchiveCourse(courses[0].Tutor, courses[0].Id, null));

        (await _worker.Refused(new PublishPath(courses[0].Tutor, path, null))).Code.ShouldBe("path.course_not_published");
    }

    async Task<TestCourse[]> Courses(int count)
    {
        var tutor = LearningFixture.Tutor();
        return await Task.WhenAll(Enumerable.Range(0, count).Select(_ => learning.PublishedCourse(null, tutor, LearningFixture.Article())));
    }

    async Task<Guid> Draft(TestCourse[] courses, params PathStep[] steps)
        => (await _worker.Done(new CreatePath(courses[0].Tutor, Guid.CreateVersion7(), "From halves to integrals", "All of it.", steps))).Id;

    async Task<Guid> Published(TestCourse[] courses, params PathStep[] steps)
        => (await _worker.Done(new PublishPath(courses[0].Tutor, await Draft(courses, steps), null))).Id;

    async Task<string> Refused(Actor by, params PathStep[] steps)
        => (await _worker.Refused(new CreatePath(by, Guid.CreateVersion7(), "Path", "", steps))).Code;

    Task<PathView> View(Actor by, Guid path) => learning.Get<PathView>(by, $"/internal/learning/paths/{path}");

    static PathStep Step(TestCourse[] courses, int course, params int[] requires)
        => new(courses[course].Id, [.. requires.Select(r => courses[r].Id)]);
}
