using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class SwitchVersionTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task A_learner_stays_on_a_version_until_switching()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Article(), LearningFixture.Article()));
        await _worker.Done(learner.Complete(0));

        var next = await learning.NextVersion(learner.Course, [], LearningFixture.Video());
        var before = await learning.Progress(learner);
        await _worker.Done(new SwitchVersion(learner.Student, learner.Course.Id));
        var after = await learning.Progress(learner);

        (before.Version, before.LatestVersion, before.Percent, before.TotalLessons).ShouldBe((1, 2, 50, 2));
        (after.Version, after.LatestVersion, after.Percent, after.TotalLessons).ShouldBe((2, 2, 33, 3));
        after.Lessons.Select(l => l.LessonId).ShouldBe(next.Lessons);
        (await _worker.Event<VersionSwitched>(e => e.EnrolmentId == learner.EnrolmentId)).ToVersion.ShouldBe(2);
    }

    [Fact]
    public async Task A_completed_lesson_that_leaves_the_course_still_counts()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Article("One"), LearningFixture.Article("Two")));
        await _worker.Done(learner.Complete(0));

        await learning.NextVersion(learner.Course, [learner.Course.Lessons[0]]);
        await _worker.Done(new SwitchVersion(learner.Student, learner.Course.Id));

        var progress = await learning.Progress(learner);
        progress.Percent.ShouldBe(50);
        progress.Explanation.ShouldEndWith("Missing: Two. One lesson that you completed has left the course since; it still counts.");
        progress.Lessons[^1].Title.ShouldBeNull();
    }

    [Fact]
    public async Task Switching_to_a_version_without_the_open_lessons_completes_the_course()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Article(), LearningFixture.Article()));
        await _worker.Done(learner.Complete(0));

        await learning.NextVersion(learner.Course, [learner.Course.Lessons[1]]);
        await _worker.Done(new SwitchVersion(learner.Student, learner.Course.Id));

        await learning.Certificate(learner);
        (await learning.Progress(learner)).Percent.ShouldBe(100);
    }

    [Fact]
    public async Task A_certificate_outlives_new_content_and_does_not_come_twice()
    {
        var graduate = await learning.Graduate();
        var certificate = await learning.Certificate(graduate);

        var next = await learning.NextVersion(graduate.Course, [], LearningFixture.Article());
        await _worker.Done(new SwitchVersion(graduate.Student, graduate.Course.Id));
        (await learning.Progress(graduate)).Percent.ShouldBe(50);
        await _worker.Done(new CompleteLesson(graduate.Student, graduate.Course.Id, next.Lessons[1]));

        var progress = await learning.Progress(graduate);
        progress.Percent.ShouldBe(100);
        progress.CertificateId.ShouldBe(certificate);
        await _worker.Event<LessonCompleted>(e => e.EnrolmentId == graduate.EnrolmentId && e.LessonId == next.Lessons[1]);
        _worker.Events<CourseCompleted>().Count(e => e.EnrolmentId == graduate.EnrolmentId).ShouldBe(1);
    }

    [Fact]
    public async Task Progress_never_goes_down_unless_content_is_added()
    {
        var random = new Random(20261122);
        var course = await learning.PublishedFreeCourse([.. Enumerable.Range(0, 5).Select(i => LearningFixture.Article($"Lesson {i}"))]);
        var learner = await learning.Learner(course);
        for (var step = 0; step < 12; step++)
        {
            var open = (await learning.Progress(learner)).Lessons.Where(l => l.CompletedAt is null).ToList();
            if (open.Count > 0)
                await _worker.Done(new CompleteLesson(learner.Student, course.Id, open[random.Next(open.Count)].LessonId));

            var added = random.Next(3) == 0 ? 1 : 0;
            var removed = course.Lessons.Count > 2 ? course.Lessons.Where(_ => random.Next(4) == 0).Take(2).ToList() : [];
            if (added + removed.Count == 0)
                continue;
            var before = await learning.Progress(learner);
            course = await learning.NextVersion(course, removed, [.. Enumerable.Range(0, added).Select(_ => LearningFixture.Article())]);
            await _worker.Done(new SwitchVersion(learner.Student, course.Id));
            var after = await learning.Progress(learner);

            if (added == 0)
                after.Percent.ShouldBeGreaterThanOrEqualTo(before.Percent);
            after.CompletedLessons.ShouldBe(before.CompletedLessons);
            after.CompletedLessons.ShouldBe(after.Lessons.Count(l => l.CompletedAt is not null));
            after.TotalLessons.ShouldBe(after.Lessons.Count);
        }
    }

    [Fact]
    public async Task At_any_moment_what_an_enrolment_counts_is_what_its_lessons_say()
    {
        await learning.Graduate();

        // One statement sees one moment of all the other tests' learners.
        var wrong = await learning.Scalar<int>(
            """
            SELECT count(*)
            FROM learning.enrolment e
            CROSS JOIN LATERAL (
                SELECT count(*) AS lessons, count(p.lesson_id) AS completed
                FROM (SELECT lesson_id FROM learning.version_lesson l WHERE l.course_id = e.course_id AND l.version = e.version) AS v
                FULL JOIN (SELECT lesson_id FROM learning.lesson_progress p WHERE p.enrolment_id = e.enrolment_id AND p.completed_at IS NOT NULL) AS p
                    ON p.lesson_id = v.lesson_id
            ) AS counted
            WHERE e.lessons <> counted.lessons
               OR e.lessons_completed <> counted.completed
               OR (e.completed_at IS NULL AND counted.lessons = counted.completed)
               OR (e.completed_at IS NULL) = EXISTS (SELECT 1 FROM learning.certificate t WHERE t.enrolment_id = e.enrolment_id)
            """,
            new { });

        wrong.ShouldBe(0);
    }

    [Fact]
    public async Task Switching_without_an_enrolment_is_refused()
    {
        var course = await learning.PublishedFreeCourse();

        (await _worker.Refused(new SwitchVersion(LearningFixture.Student(), course.Id))).Kind.ShouldBe(RefusalKind.NotFound);
    }
}
