using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class CompleteLessonTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task Progress_says_how_far_one_is_and_why()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Article("One"), LearningFixture.Video("Two"), LearningFixture.Article("Three")));

        await _worker.Done(learner.Complete(0));

        var progress = await learning.Progress(learner);
        progress.Percent.ShouldBe(33);
        progress.CompletedLessons.ShouldBe(1);
        progress.TotalLessons.ShouldBe(3);
        progress.Explanation.ShouldBe("1 of 3 lessons are completed, which makes 33 %. Missing: Two; Three.");
        progress.NextLessonId.ShouldBe(learner.Course.Lessons[1]);
        progress.Lessons.Select(l => l.LessonId).ShouldBe(learner.Course.Lessons);
        progress.Lessons[0].CompletedAt.ShouldNotBeNull();
        progress.Lessons[0].Missing.ShouldBeNull();
        progress.Lessons[1].Missing.ShouldBe("Watch the video and mark it as completed.");
    }

    [Fact]
    public async Task A_lesson_is_completed_once()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _worker.Done(learner.Complete(0))));
        await _worker.Done(learner.Complete(1));

        await _worker.Event<LessonCompleted>(e => e.EnrolmentId == learner.EnrolmentId && e.LessonId == learner.Course.Lessons[1]);
        _worker.Events<LessonCompleted>().Count(e => e.EnrolmentId == learner.EnrolmentId && e.LessonId == learner.Course.Lessons[0]).ShouldBe(1);
        (await learning.Progress(learner)).CompletedLessons.ShouldBe(2);
    }

    [Fact]
    public async Task The_last_lessons_completed_at_once_complete_the_course_and_give_one_certificate()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse([.. Enumerable.Range(0, 6).Select(i => LearningFixture.Article($"Lesson {i}"))]));

        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => _worker.Done(learner.Complete(i % 6))));

        await learning.Certificate(learner);
        _worker.Events<CourseCompleted>().Count(e => e.EnrolmentId == learner.EnrolmentId).ShouldBe(1);
        _worker.Events<CertificateIssued>().Count(e => e.StudentId == learner.Student.Id).ShouldBe(1);
        _worker.Events<LessonCompleted>().Count(e => e.EnrolmentId == learner.EnrolmentId).ShouldBe(6);
        (await learning.Scalar<int>("SELECT count(*) FROM learning.certificate WHERE enrolment_id = @EnrolmentId", new { learner.EnrolmentId })).ShouldBe(1);
        var progress = await learning.Progress(learner);
        progress.Percent.ShouldBe(100);
        progress.NextLessonId.ShouldBeNull();
        progress.CompletedAt.ShouldNotBeNull();
        progress.CertificateId.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_lesson_of_a_course_that_one_is_not_enrolled_in_is_unknown()
    {
        var course = await learning.PublishedFreeCourse();

        var refused = await _worker.Refused(new CompleteLesson(LearningFixture.Student(), course.Id, course.Lessons[0]));

        refused.Kind.ShouldBe(RefusalKind.NotFound);
        refused.Code.ShouldBe("lesson.not_found");
    }

    [Fact]
    public async Task A_lesson_of_another_course_is_unknown()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse());
        var other = await learning.PublishedFreeCourse();

        var refused = await _worker.Refused(learner.Complete(0) with { LessonId = other.Lessons[0] });

        refused.Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.Progress(learner)).CompletedLessons.ShouldBe(0);
    }

    [Fact]
    public async Task A_quiz_is_not_completed_by_saying_so()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(LearningFixture.SingleQuestion())));

        var refused = await _worker.Refused(learner.Complete(0));

        refused.Code.ShouldBe("lesson.quiz_not_passed");
        (await learning.Progress(learner)).Lessons[0].Missing.ShouldBe("Pass the quiz.");
    }

    [Fact]
    public async Task Where_one_stopped_is_where_one_resumes()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Article(), LearningFixture.Video(), LearningFixture.Article()));

        await _worker.Done(new SavePosition(learner.Student, learner.Course.Id, learner.Course.Lessons[1], 95));
        await _worker.Done(new SavePosition(learner.Student, learner.Course.Id, learner.Course.Lessons[1], 90));

        var progress = await learning.Progress(learner);
        progress.NextLessonId.ShouldBe(learner.Course.Lessons[1]);
        progress.Lessons[1].PositionSeconds.ShouldBe(90);
        progress.Percent.ShouldBe(0);
    }

    [Fact]
    public async Task Behind_the_end_one_resumes_with_what_was_skipped()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Article(), LearningFixture.Video(), LearningFixture.Article()));

        await _worker.Done(learner.Complete(2));

        (await learning.Progress(learner)).NextLessonId.ShouldBe(learner.Course.Lessons[0]);
    }

    [Fact]
    public async Task A_learner_reads_the_lesson_and_a_stranger_only_the_preview()
    {
        var course = await learning.PublishedFreeCourse(LearningFixture.Article(), LearningFixture.Video(freePreview: true), LearningFixture.Quiz(LearningFixture.SingleQuestion()));
        var learner = await learning.Learner(course);

        var article = await learning.Get<LessonView>(learner.Student, Study(course, 0));
        article.Html.ShouldBe("<p>Two of them make one.</p>");
        article.Preview.ShouldBeFalse();
        article.PreviousLessonId.ShouldBeNull();
        article.NextLessonId.ShouldBe(course.Lessons[1]);
        var quiz = await learning.Get<LessonView>(learner.Student, Study(course, 2));
        quiz.Quiz!.Questions.ShouldBe(1);
        quiz.Quiz.AttemptsUsed.ShouldBe(0);
        quiz.Html.ShouldBeNull();

        var preview = await learning.Get<LessonView>(null, Study(course, 1));
        preview.Preview.ShouldBeTrue();
        (await learning.GetRefused(null, Study(course, 0))).Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.GetRefused(LearningFixture.Student(), Study(course, 2))).Kind.ShouldBe(RefusalKind.NotFound);
    }

    static string Study(TestCourse course, int lesson) => $"/internal/learning/courses/{course.Id}/lessons/{course.Lessons[lesson]}/study";
}
