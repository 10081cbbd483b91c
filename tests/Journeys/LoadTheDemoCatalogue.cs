using EdTech.Tools;
using Shouldly;

namespace EdTech.Journeys;

public sealed class LoadTheDemoCatalogue(PlatformFixture fixture)
{
    [Fact]
    public async Task The_second_time_changes_nothing()
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
    }
}
