using System.Net;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class PaidEnrolmentTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task Who_has_paid_is_enrolled_and_studies()
    {
        var course = await learning.PublishedPaidCourse();

        var learner = await Paid(course);

        (await _worker.Event<StudentEnrolled>(e => e.EnrolmentId == learner.EnrolmentId)).Version.ShouldBe(1);
        (await learning.Get<ProgressView>(learner.Student, $"/internal/learning/courses/{course.Id}/progress")).EnrolmentId.ShouldBe(learner.EnrolmentId);
        await _worker.Done(learner.Complete(0));
        (await Learners(course)).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeated_order_is_told_the_same_enrolment()
    {
        var course = await learning.PublishedPaidCourse();
        var learner = await Paid(course);

        await _worker.Send(new EnrolPaidStudent(learner.Student, Guid.CreateVersion7(), course.Id, learner.PaymentId));

        await WorkerUnderTest.Until(() => Task.FromResult(Told(learner.PaymentId).Length == 2), "both orders are answered");
        Told(learner.PaymentId).ShouldAllBe(e => e.EnrolmentId == learner.EnrolmentId);
        (await Learners(course)).ShouldBe(1);
    }

    [Fact]
    public async Task A_learner_who_is_enrolled_is_not_enrolled_by_a_second_payment()
    {
        var course = await learning.PublishedPaidCourse();
        var learner = await Paid(course);
        var second = Guid.CreateVersion7();

        await _worker.Send(new EnrolPaidStudent(learner.Student, Guid.CreateVersion7(), course.Id, second));

        (await Refusal(second)).ShouldBe("enrolment.exists");
    }

    [Fact]
    public async Task A_course_that_was_archived_meanwhile_takes_nobody_and_stays_refused()
    {
        var course = await learning.PublishedPaidCourse();
        await _worker.Done(new ArchiveCourse(course.Tutor, course.Id, null));
        var (student, payment) = (LearningFixture.Student(), Guid.CreateVersion7());
        var order = new EnrolPaidStudent(student, Guid.CreateVersion7(), course.Id, payment);

        await _worker.Send(order);
        (await Refusal(payment)).ShouldBe("course.archived");

        // The money is on its way back: the restored course must not be given for it.
        await _worker.Done(new RestoreCourse(course.Tutor, course.Id, null));
        await _worker.Send(order);
        await WorkerUnderTest.Until(() => Task.FromResult(_worker.Events<PaidEnrolmentRefused>().Count(e => e.PaymentId == payment) == 2), "both orders are answered");
        Told(payment).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_course_that_does_not_exist_is_refused()
    {
        var payment = Guid.CreateVersion7();

        await _worker.Send(new EnrolPaidStudent(LearningFixture.Student(), Guid.CreateVersion7(), Guid.CreateVersion7(), payment));

        (await Refusal(payment)).ShouldBe("course.not_found");
    }

    [Fact]
    public async Task A_revoked_learner_reads_like_one_who_never_enrolled()
    {
        var course = await learning.PublishedPaidCourse();
        var learner = await Paid(course);
        await _worker.Done(learner.Complete(0));

        await Revoke(learner);

        using var progress = await _worker.Api(learner.Student).GetAsync(new Uri($"/internal/learning/courses/{course.Id}/progress", UriKind.Relative));
        using var stranger = await _worker.Api(LearningFixture.Student()).GetAsync(new Uri($"/internal/learning/courses/{course.Id}/progress", UriKind.Relative));
        progress.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await progress.Content.ReadAsStringAsync()).ShouldBe(await stranger.Content.ReadAsStringAsync());
        (await _worker.Refused(learner.Complete(0))).ShouldBe(await _worker.Refused(learner.Complete(0) with { By = LearningFixture.Student() }));
        (await learning.Get<Page<EnrolmentView>>(learner.Student, "/internal/learning/me/enrolments")).Items.ShouldBeEmpty();
        (await Learners(course)).ShouldBe(0);
    }

    [Fact]
    public async Task A_later_payment_goes_on_with_what_was_learned()
    {
        var course = await learning.PublishedPaidCourse(LearningFixture.Article(), LearningFixture.Article());
        var learner = await Paid(course);
        await _worker.Done(learner.Complete(0));
        await Revoke(learner);

        var again = await Paid(course, learner.Student);

        again.EnrolmentId.ShouldBe(learner.EnrolmentId);
        (await learning.Get<ProgressView>(learner.Student, $"/internal/learning/courses/{course.Id}/progress")).CompletedLessons.ShouldBe(1);
        (await Learners(course)).ShouldBe(1);

        // The first payment's revocation, repeated, has nothing to do with the second.
        await _worker.Send(new RevokePaidEnrolment(learner.Student, course.Id, learner.PaymentId));
        await _worker.Send(new EnrolPaidStudent(learner.Student, Guid.CreateVersion7(), course.Id, learner.PaymentId));
        (await Refusal(learner.PaymentId)).ShouldBe("enrolment.revoked");
        (await Learners(course)).ShouldBe(1);
    }

    [Fact]
    public async Task A_revocation_that_overtakes_its_order_wins()
    {
        var course = await learning.PublishedPaidCourse();
        var (student, payment) = (LearningFixture.Student(), Guid.CreateVersion7());
        await _worker.Send(new RevokePaidEnrolment(student, course.Id, payment));
        await WorkerUnderTest.Until(
            () => learning.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM learning.paid_enrolment WHERE payment_id = @payment)", new { payment }), "the revocation is handled");

        await _worker.Send(new EnrolPaidStudent(student, Guid.CreateVersion7(), course.Id, payment));

        (await Refusal(payment)).ShouldBe("enrolment.revoked");
        (await Learners(course)).ShouldBe(0);
    }

    [Fact]
    public async Task A_revocation_that_meets_its_order_at_work_ends_what_the_order_enrols()
    {
        var course = await learning.PublishedPaidCourse();
        var (student, payment) = (LearningFixture.Student(), Guid.CreateVersion7());
        await using (var held = await _worker.Db.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (var hold = await held.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await held.ExecuteAsync("SELECT 1 FROM learning.course WHERE course_id = @Id FOR UPDATE", new { course.Id }, hold);
            await _worker.Send(new EnrolPaidStudent(student, Guid.CreateVersion7(), course.Id, payment));
            var order = await BlockedBy(held.ProcessID);
            await _worker.Send(new RevokePaidEnrolment(student, course.Id, payment));
            await BlockedBy(order);
            await hold.CommitAsync(TestContext.Current.CancellationToken);
        }

        (await _worker.Event<EnrolmentRevoked>(e => e.PaymentId == payment)).StudentId.ShouldBe(student.Id);
        (await learning.Get<Page<EnrolmentView>>(student, "/internal/learning/me/enrolments")).Items.ShouldBeEmpty();
        (await Learners(course)).ShouldBe(0);
    }

    async Task<PaidLearner> Paid(TestCourse course, Actor? student = null)
    {
        var (by, payment) = (student ?? LearningFixture.Student(), Guid.CreateVersion7());
        await _worker.Send(new EnrolPaidStudent(by, Guid.CreateVersion7(), course.Id, payment));
        var enrolled = await _worker.Event<PaidStudentEnrolled>(e => e.PaymentId == payment);
        enrolled.StudentId.ShouldBe(by.Id);
        return new PaidLearner(by, course, enrolled.EnrolmentId, payment);
    }

    async Task Revoke(PaidLearner learner)
    {
        await _worker.Send(new RevokePaidEnrolment(learner.Student, learner.Course.Id, learner.PaymentId));
        (await _worker.Event<EnrolmentRevoked>(e => e.PaymentId == learner.PaymentId)).EnrolmentId.ShouldBe(learner.EnrolmentId);
    }

    /// <summary>The session of the database that waits for a lock of another one.</summary>
    async Task<int> BlockedBy(int session)
    {
        int? blocked = null;
        await WorkerUnderTest.Until(
            async () => (blocked = await learning.Scalar<int?>("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND @session = ANY (pg_blocking_pids(pid)) LIMIT 1", new { session })) is not null,
            $"something waits for session {session} of the database");
        return blocked!.Value;
    }

    PaidStudentEnrolled[] Told(Guid payment) => [.. _worker.Events<PaidStudentEnrolled>().Where(e => e.PaymentId == payment)];

    async Task<string> Refusal(Guid payment) => (await _worker.Event<PaidEnrolmentRefused>(e => e.PaymentId == payment)).Code;

    Task<int> Learners(TestCourse course) => learning.Scalar<int>("SELECT learners FROM learning.course_learners WHERE course_id = @Id", new { course.Id });

    sealed record PaidLearner(Actor Student, TestCourse Course, Guid EnrolmentId, Guid PaymentId)
    {
        public CompleteLesson Complete(int lesson) => new(Student, Course.Id, Course.Lessons[lesson]);
    }
}
