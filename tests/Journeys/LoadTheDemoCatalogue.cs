using EdTech.Contracts.Learning;
using EdTech.Tools;
using Shouldly;

namespace EdTech.Journeys;

public sealed class LoadTheDemoCatalogue(PlatformFixture fixture)
{
    [Fact]
    public async Task The_second_time_changes_nothing_and_its_courses_can_be_passed_by_their_keys()
    {
        using var http = fixture.NewHttp();
        using var mail = new HttpClient();
        var mailbox = PlatformFixture.Mailbox(mail);
        var ct = TestContext.Current.CancellationToken;

        var first = await DemoCommand.Load(http, mailbox, ct);
        var second = await DemoCommand.Load(http, mailbox, ct);

        first.Courses.ShouldBe(12);
        first.Changes.ShouldBeGreaterThan(12);
        second.Changes.ShouldBe(0);

        var tutor = new PlatformClient(http);
        await tutor.SignIn(DemoAccounts.Mira.Email, DemoAccounts.Password, ct);
        foreach (var course in (await tutor.AuthoredCourses(ct)).Where(c => c.Status == CourseStatus.Published))
            (await Cohort.Study(tutor, mailbox, course.CourseId, learners: 1, parallel: 1, ct)).Failures.ShouldBeEmpty();
    }
}
