using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class PublishCourseTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task Publishing_tells_what_the_catalogue_shows()
    {
        var course = await learning.PublishedFreeCourse();

        var published = await _worker.Event<CoursePublished>(e => e.CourseId == course.Id);
        published.TutorId.ShouldBe(course.Tutor.Id);
        published.Version.ShouldBe(1);
        published.Lessons.ShouldBe(2);
        published.Price.ShouldBeNull();
    }
}
