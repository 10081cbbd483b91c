using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class CoursePrerequisitesTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task An_unknown_course_and_the_draft_of_another_tutor_are_no_prerequisites()
    {
        var foreign = await learning.DraftCourse();
        var tutor = LearningFixture.Tutor();

        foreach (var id in new[] { Guid.CreateVersion7(), foreign.Id })
        {
            var refused = await _worker.Refused(new CreateCourse(tutor, Guid.CreateVersion7(), After("Later", id)));
            (refused.Kind, refused.Code).ShouldBe((RefusalKind.Invalid, "course.prerequisite_unknown"));
            refused.Message.ShouldContain(id.ToString());
        }
    }

    [Fact]
    public async Task A_cycle_is_refused_and_shown()
    {
        var tutor = LearningFixture.Tutor();
        var mark = Guid.NewGuid().ToString("N");
        var a = await learning.PublishedCourse(LearningFixture.Details($"a {mark}"), tutor);
        var b = await learning.PublishedCourse(After($"b {mark}", a.Id), tutor);
        var c = await learning.PublishedCourse(After($"c {mark}", b.Id), tutor);

        var refused = await _worker.Refused(new ReviseCourseDetails(tutor, a.Id, After($"a {mark}", c.Id), null));

        (refused.Kind, refused.Code).ShouldBe((RefusalKind.Invalid, "course.prerequisite_cycle"));
        refused.Details!["prerequisites"].ShouldBe($"a-{mark} > c-{mark} > b-{mark} > a-{mark}");
        (await _worker.Refused(new ReviseCourseDetails(tutor, a.Id, After($"a {mark}", a.Id), null))).Code.ShouldBe("course.prerequisite_cycle");
    }

    [Fact]
    public async Task Of_two_courses_that_name_each_other_at_once_one_is_refused()
    {
        for (var round = 0; round < 5; round++)
        {
            var tutor = LearningFixture.Tutor();
            var a = await learning.PublishedCourse(LearningFixture.Details("a"), tutor);
            var b = await learning.PublishedCourse(LearningFixture.Details("b"), tutor);

            var answers = await Task.WhenAll(
                _worker.Ask(new ReviseCourseDetails(tutor, a.Id, After("a", b.Id), null)),
                _worker.Ask(new ReviseCourseDetails(tutor, b.Id, After("b", a.Id), null)));

            answers.OfType<Refused>().ShouldHaveSingleItem().Code.ShouldBe("course.prerequisite_cycle");
        }
    }

    [Fact]
    public async Task A_discarded_prerequisite_is_free_to_be_used_the_other_way()
    {
        var tutor = LearningFixture.Tutor();
        var a = await learning.PublishedCourse(LearningFixture.Details("a"), tutor);
        var b = await learning.PublishedCourse(LearningFixture.Details("b"), tutor);
        await _worker.Done(new ReviseCourseDetails(tutor, a.Id, After("a", b.Id), null));

        await _worker.Done(new DiscardDraft(tutor, a.Id, null));

        await _worker.Done(new ReviseCourseDetails(tutor, b.Id, After("b", a.Id), null));
    }

    [Fact]
    public async Task A_course_is_not_published_before_its_prerequisites()
    {
        var tutor = LearningFixture.Tutor();
        var first = await learning.DraftCourse(null, tutor);
        var second = await learning.DraftCourse(After("Second", first.Id), tutor);

        (await _worker.Refused(new PublishCourse(tutor, second.Id, null))).Code.ShouldBe("course.prerequisite_not_published");

        await _worker.Done(new PublishCourse(tutor, first.Id, null));
        await _worker.Done(new PublishCourse(tutor, second.Id, null));
    }

    static CourseDetails After(string title, Guid prerequisite) => LearningFixture.Details(title) with { Prerequisites = [prerequisite] };
}
