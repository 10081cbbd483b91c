using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class EnrolTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task Enrolling_in_a_free_course_is_told_and_counted()
    {
        var course = await learning.PublishedFreeCourse();

        var learner = await learning.Learner(course);

        var enrolled = await _worker.Event<StudentEnrolled>(e => e.CourseId == course.Id);
        enrolled.EnrolmentId.ShouldBe(learner.EnrolmentId);
        enrolled.StudentId.ShouldBe(learner.Student.Id);
        enrolled.Version.ShouldBe(1);
        (await Learners(course)).ShouldBe(1);
        (await learning.Scalar<int>("SELECT count(*) FROM learning.study_history WHERE subject_id = @EnrolmentId AND actor_id = @Id AND what = 'Enrol'", new { learner.EnrolmentId, learner.Student.Id })).ShouldBe(1);
    }

    [Fact]
    public async Task Enrolling_again_answers_with_the_enrolment_that_exists()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse());

        var again = await _worker.Done(new Enrol(learner.Student, Guid.CreateVersion7(), learner.Course.Id));

        again.Id.ShouldBe(learner.EnrolmentId);
        (await Learners(learner.Course)).ShouldBe(1);
    }

    [Fact]
    public async Task Enrolling_many_times_at_once_makes_one_enrolment()
    {
        var course = await learning.PublishedFreeCourse();
        var student = LearningFixture.Student();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _worker.Done(new Enrol(student, Guid.CreateVersion7(), course.Id))));

        answers.Select(a => a.Id).Distinct().Count().ShouldBe(1);
        (await Learners(course)).ShouldBe(1);
        (await learning.Learner(course)).EnrolmentId.ShouldNotBe(answers[0].Id);
        await _worker.Event<StudentEnrolled>(e => e.CourseId == course.Id && e.StudentId != student.Id);
        _worker.Events<StudentEnrolled>().Count(e => e.CourseId == course.Id && e.StudentId == student.Id).ShouldBe(1);
    }

    [Fact]
    public async Task A_course_with_a_price_has_to_be_paid_for()
    {
        var course = await learning.PublishedPaidCourse();

        var refused = await _worker.Refused(new Enrol(LearningFixture.Student(), Guid.CreateVersion7(), course.Id));

        refused.Kind.ShouldBe(RefusalKind.Conflict);
        refused.Code.ShouldBe("course.payment_required");
        (await learning.Scalar<int>("SELECT count(*) FROM learning.enrolment WHERE course_id = @Id", new { course.Id })).ShouldBe(0);
    }

    [Fact]
    public async Task A_draft_reads_like_a_course_that_does_not_exist()
    {
        var draft = await learning.DraftCourse();

        var unseen = await _worker.Refused(new Enrol(LearningFixture.Student(), Guid.CreateVersion7(), draft.Id));
        var unknown = await _worker.Refused(new Enrol(LearningFixture.Student(), Guid.CreateVersion7(), Guid.CreateVersion7()));

        unseen.ShouldBe(unknown);
        unknown.Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task An_archived_course_keeps_its_learners_and_takes_no_new_ones()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse());
        await _worker.Done(new ArchiveCourse(learner.Course.Tutor, learner.Course.Id, null));

        var refused = await _worker.Refused(new Enrol(LearningFixture.Student(), Guid.CreateVersion7(), learner.Course.Id));
        var again = await _worker.Done(new Enrol(learner.Student, Guid.CreateVersion7(), learner.Course.Id));

        refused.Code.ShouldBe("course.archived");
        again.Id.ShouldBe(learner.EnrolmentId);
        await _worker.Done(learner.Complete(0));
    }

    [Fact]
    public async Task Missing_prerequisites_are_a_hint_and_no_lock()
    {
        var basics = await learning.PublishedFreeCourse(LearningFixture.Article());
        var advanced = await learning.PublishedCourse(LearningFixture.Details() with { Prerequisites = [basics.Id] }, null, LearningFixture.Article());

        var learner = await learning.Learner(advanced);
        (await learning.Progress(learner)).MissingPrerequisites.ShouldBe([basics.Id]);

        await learning.Graduate(basics, learner.Student);
        (await learning.Progress(learner)).MissingPrerequisites.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_learners_enrolments_are_listed_page_by_page()
    {
        var student = LearningFixture.Student();
        var courses = new List<Guid>();
        for (var i = 0; i < 5; i++)
            courses.Add((await learning.Learner(await learning.PublishedFreeCourse(), student)).Course.Id);

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await learning.Get<Page<EnrolmentView>>(student, $"/internal/learning/me/enrolments?limit=2&cursor={cursor}");
            page.Items.Count.ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.Items.Select(i => i.CourseId));
            cursor = page.Next;
        }
        while (cursor is not null);

        courses.Reverse();
        seen.ShouldBe(courses);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("________________________________")]
    public async Task A_cursor_that_no_page_gave_is_refused(string cursor)
        => (await learning.GetRefused(LearningFixture.Student(), $"/internal/learning/me/enrolments?cursor={cursor}")).Code.ShouldBe("cursor.malformed");

    Task<int> Learners(TestCourse course)
        => learning.Scalar<int>("SELECT learners FROM learning.course_learners WHERE course_id = @Id", new { course.Id });
}
