using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Learning.Tests;

/// <summary>A learner enrolled in a course.</summary>
public sealed record TestLearner(Actor Student, TestCourse Course, Guid EnrolmentId)
{
    public CompleteLesson Complete(int lesson) => new(Student, Course.Id, Course.Lessons[lesson]);
}

public sealed partial class LearningFixture
{
    /// <summary>A new learner in this course.</summary>
    public async Task<TestLearner> Learner(TestCourse course, Actor? student = null)
    {
        var by = student ?? Student();
        var done = await Worker.Done(new Enrol(by, Guid.CreateVersion7(), course.Id));
        return new TestLearner(by, course, done.Id);
    }

    /// <summary>A learner who has completed all lessons of a course of one article.</summary>
    public async Task<TestLearner> Graduate(TestCourse? course = null, Actor? student = null)
    {
        var learner = await Learner(course ?? await PublishedFreeCourse(Article()), student);
        for (var lesson = 0; lesson < learner.Course.Lessons.Count; lesson++)
            await Worker.Done(learner.Complete(lesson));
        return learner;
    }

    /// <summary>The certificate of a graduate.</summary>
    public async Task<Guid> Certificate(TestLearner graduate)
        => (await Worker.Event<CertificateIssued>(e => e.StudentId == graduate.Student.Id && e.CourseId == graduate.Course.Id)).CertificateId;

    /// <summary>A new version of the course: these lessons are added, those removed.</summary>
    public async Task<TestCourse> NextVersion(TestCourse course, IReadOnlyList<Guid> removed, params LessonDraft[] added)
    {
        NewLesson[] written = [.. added.Select(l => new NewLesson(Guid.CreateVersion7(), l))];
        if (written.Length > 0)
            await Worker.Done(new AddLessons(course.Tutor, course.Id, course.Sections[0], "", written));
        foreach (var lesson in removed)
            await Worker.Done(new RemoveLesson(course.Tutor, course.Id, lesson, null));
        var done = await Worker.Done(new PublishCourse(course.Tutor, course.Id, null));
        return course with { Lessons = [.. course.Lessons.Except(removed), .. written.Select(w => w.LessonId)], Edit = done.Version };
    }

    /// <summary>A view of the internal API.</summary>
    public async Task<T> Get<T>(Actor? by, string path)
    {
        using var response = await Worker.Api(by).GetAsync(new Uri(path, UriKind.Relative));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<T>(LearningJson.Web.Options))!;
    }

    /// <summary>What a refused request of the internal API says.</summary>
    public async Task<Refused> GetRefused(Actor? by, string path)
    {
        using var response = await Worker.Api(by).GetAsync(new Uri(path, UriKind.Relative));
        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(400);
        return JsonSerializer.Deserialize<Refused>(await response.Content.ReadAsStringAsync(), LearningJson.Web.Options)!;
    }

    public Task<ProgressView> Progress(TestLearner learner)
        => Get<ProgressView>(learner.Student, $"/internal/learning/courses/{learner.Course.Id}/progress");

    public async Task<T> Scalar<T>(string sql, object parameters)
    {
        await using var connection = await Worker.Db.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, parameters))!;
    }
}
