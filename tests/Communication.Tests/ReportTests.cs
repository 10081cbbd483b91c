using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class ReportTests(CommunicationFixture chat)
{
    [Fact]
    public async Task Only_a_member_reports_and_says_why()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people[..2]);

        (await chat.Worker.Refused(new ReportMessage(people[2], Guid.CreateVersion7(), id, Guid.CreateVersion7(), "Rude."))).Code.ShouldBe("conversation.not_a_member");
        (await chat.Worker.Refused(new ReportMessage(people[1], Guid.CreateVersion7(), id, Guid.CreateVersion7(), new string('a', 501)))).Code.ShouldBe("report.reason");
    }

    [Fact]
    public async Task What_was_said_stays_evidence_when_its_author_takes_it_back()
    {
        var moderator = await chat.Person("chat.moderate");
        var people = await chat.People(2);
        var (id, report) = (await chat.Group(people), Guid.CreateVersion7());
        var message = CommunicationFixture.Post(people[0], id, "You are stupid.");
        await chat.Say(message);
        await chat.Stored(people[1], id, 1);

        await chat.Worker.Done(new ReportMessage(people[1], report, id, message.RecordId, "Rude."));
        await chat.Say(CommunicationFixture.Delete(people[0], id, message.RecordId));
        await chat.Stored(people[1], id, 2);

        (await chat.Message(people[1], id, message.RecordId)).Text.ShouldBeNull();
        var kept = (await Listed(moderator, closed: false)).Single(r => r.ReportId == report);
        kept.Text.ShouldBe("You are stupid.");
        (kept.AuthorId, kept.ReporterId, kept.Reason).ShouldBe((people[0].Id, people[1].Id, "Rude."));
        (await chat.Worker.Event<MessageReported>(e => e.ReportId == report)).MessageId.ShouldBe(message.RecordId);
        (await chat.Worker.Refused(new ReportMessage(people[1], Guid.CreateVersion7(), id, message.RecordId, "Rude."))).Code.ShouldBe("message.not_found");
        (await chat.Worker.Refused(new ReportMessage(people[1], Guid.CreateVersion7(), id, Guid.CreateVersion7(), "Rude."))).Code.ShouldBe("message.not_found");
    }

    [Fact]
    public async Task A_moderator_of_the_platform_closes_a_report_once()
    {
        var moderator = await chat.Person("chat.moderate");
        var someone = await chat.Person();
        var report = await Reported();

        (await chat.Worker.Refused(new ResolveReport(someone, report, "Nothing."))).Code.ShouldBe("report.not_moderator");
        (await Listed(moderator, closed: false)).ShouldContain(r => r.ReportId == report && r.Text == "What was said" && r.Outcome == null);

        await chat.Worker.Done(new ResolveReport(moderator, report, "The author was warned."));

        (await Listed(moderator, closed: false)).ShouldNotContain(r => r.ReportId == report);
        (await Listed(moderator, closed: true)).Single(r => r.ReportId == report).Outcome.ShouldBe("The author was warned.");
        (await chat.Worker.Refused(new ResolveReport(moderator, report, "Again."))).Code.ShouldBe("report.closed");
        (await chat.Worker.Refused(new ResolveReport(moderator, Guid.CreateVersion7(), "Nothing."))).Code.ShouldBe("report.not_found");
        await chat.Worker.Event<ReportResolved>(e => e.ReportId == report);
    }

    [Fact]
    public async Task Reports_are_for_moderators_only()
    {
        using var answer = await chat.Worker.Api(await chat.Person()).GetAsync(new Uri("/internal/communication/reports", UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>A report as it is kept, its message no longer asked for.</summary>
    async Task<Guid> Reported()
    {
        var report = Guid.CreateVersion7();
        await chat.Table.Write(
        [
            new(new Amazon.DynamoDBv2.Model.PutRequest(DynamoValues.Item(Keys.OpenReports, report.ToString())
                .With("conversation_id", Guid.CreateVersion7())
                .With("message_id", Guid.CreateVersion7())
                .With("author_id", Guid.CreateVersion7())
                .With("reporter_id", Guid.CreateVersion7())
                .With("text", "What was said")
                .With("reason", "Rude.")
                .With("at", DateTimeOffset.UtcNow))),
        ], CancellationToken.None);
        return report;
    }

    async Task<List<ReportView>> Listed(Actor by, bool closed)
    {
        var all = new List<ReportView>();
        string? cursor = null;
        do
        {
            var page = await chat.Get(by, $"/internal/communication/reports?closed={closed}&limit=2&cursor={cursor}", CommunicationJson.Web.PageReportView);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all;
    }
}
