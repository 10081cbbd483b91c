using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class RecommendationTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task The_lessons_to_go_on_with_come_in_the_order_of_the_last_visit()
    {
        var student = LearningFixture.Student();
        var first = await learning.Learner(await learning.PublishedFreeCourse(), student);
        var second = await learning.Learner(await learning.PublishedFreeCourse(), student);
        await learning.Graduate(student: student);
        await _worker.Done(first.Complete(0));

        var resume = (await For(student)).Resume;

        resume.Select(r => r.CourseId).ShouldBe([first.Course.Id, second.Course.Id]);
        resume[0].LessonId.ShouldBe(first.Course.Lessons[1]);
        resume[0].Percent.ShouldBe(50);
        resume[0].Sentence.ShouldBe("You have completed 1 of 2 lessons of this course.");
    }

    [Fact]
    public async Task The_next_course_of_a_followed_path_is_recommended()
    {
        var student = LearningFixture.Student();
        var tutor = LearningFixture.Tutor();
        var one = await learning.PublishedCourse(null, tutor, LearningFixture.Article());
        var two = await learning.PublishedCourse(null, tutor, LearningFixture.Article());
        var path = (await _worker.Done(new CreatePath(tutor, Guid.CreateVersion7(), "Numbers", "", [new PathStep(one.Id, []), new PathStep(two.Id, [one.Id])]))).Id;
        await _worker.Done(new PublishPath(tutor, path, null));
        await _worker.Done(new FollowPath(student, path));

        var before = (await For(student)).Courses;
        await learning.Graduate(one, student);
        var after = (await For(student)).Courses;

        before[0].ShouldBe(new CourseRecommendation(one.Id, before[0].Slug, "Fractions without fear", "next_on_path", "It comes next on the path “Numbers” that you follow.", path));
        after[0].CourseId.ShouldBe(two.Id);
    }

    [Fact]
    public async Task A_course_whose_prerequisites_are_completed_is_recommended()
    {
        var student = LearningFixture.Student();
        var basics = await learning.PublishedFreeCourse(LearningFixture.Article());
        var more = await learning.PublishedFreeCourse(LearningFixture.Article());
        var advanced = await learning.PublishedCourse(LearningFixture.Details("Integrals") with { Prerequisites = [basics.Id, more.Id] }, null, LearningFixture.Article());

        await learning.Graduate(basics, student);
        (await For(student)).Courses.ShouldNotContain(c => c.CourseId == advanced.Id);
        await learning.Graduate(more, student);

        (await For(student)).Courses.ShouldContain(c => c.CourseId == advanced.Id && c.Reason == "prerequisites_completed" && c.BecauseOf == more.Id);
    }

    [Fact]
    public async Task What_other_learners_of_a_completed_course_took_is_recommended_with_their_number()
    {
        var student = LearningFixture.Student();
        var course = await learning.PublishedFreeCourse(LearningFixture.Article());
        var also = await learning.PublishedFreeCourse(LearningFixture.Article());
        var rarely = await learning.PublishedFreeCourse(LearningFixture.Article());
        await learning.Graduate(course, student);
        for (var i = 0; i < 3; i++)
        {
            var peer = LearningFixture.Student();
            await learning.Learner(course, peer);
            await learning.Learner(also, peer);
            if (i == 0)
                await learning.Learner(rarely, peer);
        }

        var courses = (await For(student)).Courses.Where(c => c.Reason == "learners_also_took").ToList();

        courses.Select(c => c.CourseId).ShouldBe([also.Id, rarely.Id]);
        courses[0].Sentence.ShouldBe("3 learners of “Fractions without fear”, which you completed, also took it.");
    }

    [Fact]
    public async Task Who_has_not_begun_anything_is_shown_what_is_popular()
    {
        await learning.Learner(await learning.PublishedFreeCourse());

        var recommendations = await For(LearningFixture.Student());

        recommendations.Resume.ShouldBeEmpty();
        recommendations.Courses.ShouldAllBe(c => c.Reason == "popular");
        recommendations.Courses.Count.ShouldBeInRange(1, 20);
    }

    [Fact]
    public async Task A_course_that_others_take_in_a_subject_one_studies_is_recommended()
    {
        var subject = $"subject {Guid.CreateVersion7():N}";
        CourseDetails About(string level) => LearningFixture.Details(level) with { Subjects = [subject], Level = level };
        var mine = await learning.PublishedCourse(About("beginner"), null, LearningFixture.Article());
        var hard = await learning.PublishedCourse(About("advanced"), null, LearningFixture.Article());
        var easy = await learning.PublishedCourse(About("beginner"), null, LearningFixture.Article());
        for (var i = 0; i < 3; i++)
            await learning.Learner(hard);
        await learning.Learner(easy);
        await learning.Learner(easy);
        var learner = await learning.Learner(mine);

        var courses = (await For(learner.Student)).Courses;

        courses.Select(c => c.CourseId).ShouldBe([easy.Id, hard.Id]);
        courses.ShouldAllBe(c => c.Reason == "popular_in_subject" && c.Sentence == $"It is popular in {subject}, which you study.");
    }

    Task<Recommendations> For(Actor student) => learning.Get<Recommendations>(student, "/internal/learning/me/recommendations");
}
