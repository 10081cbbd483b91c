using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Analytics.Tests;

public sealed class BehaviourTests(AnalyticsFixture fixture)
{
    [Fact]
    public async Task A_reported_event_is_kept_and_found_again()
    {
        var (account, anonymous) = (Guid.NewGuid(), Guid.NewGuid());
        var paused = new VideoPaused(Guid.NewGuid(), DateTimeOffset.UtcNow.AddMinutes(-3), new BehaviourOrigin(anonymous, Guid.NewGuid(), account, "ios 2.1", DateTimeOffset.UtcNow, "/lessons/1"), new VideoPausedData(Guid.NewGuid(), 61.5, 30));

        await fixture.Report(paused);

        await Until(account, 1);
        var view = (await fixture.EventsOf(account)).Single();
        view.EventId.ShouldBe(paused.RecordId);
        view.Type.ShouldBe("video.paused");
        view.At.ShouldBe(paused.At);
        view.App.ShouldBe("ios 2.1");
        view.Page.ShouldBe("/lessons/1");
        view.AnonymousId.ShouldBe(anonymous);
        view.Data.GetProperty("positionSeconds").GetDouble().ShouldBe(61.5);
    }

    [Fact]
    public async Task An_event_that_is_reported_again_and_again_is_kept_once()
    {
        var account = Guid.NewGuid();
        var view = AnalyticsFixture.View(Guid.NewGuid(), account);

        for (var repeat = 0; repeat < 5; repeat++)
        {
            await fixture.Report(view, view, view);
        }

        var last = AnalyticsFixture.View(Guid.NewGuid(), account, DateTimeOffset.UtcNow.AddMinutes(1));
        await fixture.Report(last);
        await Until(account, 2);
        (await fixture.EventsOf(account)).Select(e => e.EventId).ShouldBe([last.RecordId, view.RecordId]);
        (await fixture.Counts(account)).Total.ShouldBe(2);
    }

    [Fact]
    public async Task Events_are_listed_newest_first_page_by_page_over_many_days()
    {
        var account = Guid.NewGuid();
        var now = DateTimeOffset.UtcNow;
        var views = Enumerable.Range(0, 120).Select(n => AnalyticsFixture.View(Guid.NewGuid(), account, now.AddHours(-3 * n))).ToArray();
        await fixture.Report(views);
        await WorkerUnderTest.Until(async () => (await fixture.Page(account, "limit=100")).Next is not null && (await fixture.Counts(account)).Total == 120, "all are stored");

        var listed = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await fixture.Page(account, $"limit=17{(cursor is null ? "" : $"&cursor={cursor}")}");
            listed.AddRange(page.Items.Select(e => e.EventId));
            cursor = page.Next;
        }
        while (cursor is not null);

        listed.ShouldBe(views.Select(v => v.RecordId));
        var counts = await fixture.Counts(account, $"?from={now.AddDays(-5):yyyy-MM-dd}&to={now.AddDays(-4):yyyy-MM-dd}");
        counts.Days.Select(d => d.Events).Sum().ShouldBe(16);
    }

    [Fact]
    public async Task What_was_done_before_sign_in_belongs_to_the_account_until_that_is_reverted()
    {
        var (account, anonymous) = (Guid.NewGuid(), Guid.NewGuid());
        var before = AnalyticsFixture.View(anonymous, null, DateTimeOffset.UtcNow.AddMinutes(-5));
        var after = AnalyticsFixture.View(anonymous, account);
        await fixture.Report(before, after);
        await Until(account, 1);

        await fixture.Merge(account, anonymous);
        await fixture.Merge(account, anonymous);

        await Until(account, 2);
        (await fixture.EventsOf(account)).Select(e => e.EventId).ShouldBe([after.RecordId, before.RecordId]);

        await fixture.Worker.Done(new RevertIdentityMerge(AnalyticsFixture.Admin, account, anonymous));
        await fixture.Worker.Done(new RevertIdentityMerge(AnalyticsFixture.Admin, account, anonymous));
        (await fixture.EventsOf(account)).Select(e => e.EventId).ShouldBe([after.RecordId]);

        // The client goes on telling what it knows: the correction stands.
        await fixture.Merge(account, anonymous);
        await fixture.Report(AnalyticsFixture.View(anonymous, account));
        await Until(account, 2);
        (await fixture.EventsOf(account)).ShouldAllBe(e => e.EventId != before.RecordId);

        await fixture.Worker.Done(new RestoreIdentityMerge(AnalyticsFixture.Admin, account, anonymous));
        (await fixture.EventsOf(account)).Count.ShouldBe(3);
        var merge = (await fixture.Counts(account)).Merges.Single();
        merge.AnonymousId.ShouldBe(anonymous);
        merge.Active.ShouldBeTrue();
        merge.History.Select(h => h.What).ShouldBe(["merged", "reverted", "restored"]);
        merge.History[1].By.ShouldBe(AnalyticsFixture.Admin.Id);
    }

    [Fact]
    public async Task The_second_account_on_a_device_is_not_shown_what_the_first_did()
    {
        var (first, second, anonymous) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await fixture.Report(AnalyticsFixture.View(anonymous));
        await fixture.Merge(first, anonymous);
        await Until(first, 1);

        await fixture.Merge(second, anonymous);
        await fixture.Report(AnalyticsFixture.View(anonymous, second));

        await Until(second, 1);
        (await fixture.EventsOf(second)).Count.ShouldBe(1);
        (await fixture.Counts(second)).Merges.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_an_administrator_changes_merges_and_only_those_that_there_are()
    {
        (await fixture.Worker.Refused(new RevertIdentityMerge(AnalyticsFixture.Support, Guid.NewGuid(), Guid.NewGuid()))).Code.ShouldBe("merge.change_not_permitted");
        (await fixture.Worker.Refused(new RestoreIdentityMerge(AnalyticsFixture.Admin, Guid.NewGuid(), Guid.NewGuid()))).Code.ShouldBe("merge.not_found");
    }

    [Fact]
    public async Task Only_support_and_the_person_read_what_a_person_did()
    {
        using var stranger = await fixture.Worker.Api(new Actor(Guid.NewGuid(), ["learn"])).GetAsync(new Uri($"/internal/analytics/accounts/{Guid.NewGuid()}/behaviour", UriKind.Relative), TestContext.Current.CancellationToken);
        ((int)stranger.StatusCode).ShouldBe(403);
        using var own = await fixture.Worker.Api(new Actor(Guid.NewGuid(), ["learn"])).GetAsync(new Uri("/internal/analytics/me/behaviour", UriKind.Relative), TestContext.Current.CancellationToken);
        ((int)own.StatusCode).ShouldBe(200);
        using var cursor = await fixture.Worker.Api(AnalyticsFixture.Support).GetAsync(new Uri($"/internal/analytics/accounts/{Guid.NewGuid()}/behaviour?cursor=x", UriKind.Relative), TestContext.Current.CancellationToken);
        ((int)cursor.StatusCode).ShouldBe(400);
        using var range = await fixture.Worker.Api(AnalyticsFixture.Support).GetAsync(new Uri($"/internal/analytics/accounts/{Guid.NewGuid()}/behaviour/counts?from=2026-01-01&to=2026-12-31", UriKind.Relative), TestContext.Current.CancellationToken);
        ((int)range.StatusCode).ShouldBe(422);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_put_aside_and_the_next_is_kept()
    {
        var account = Guid.NewGuid();
        var poison = new RawStreamRecord(Guid.NewGuid().ToString(), account.ToString(), "edtech.analytics.page.viewed.v1", "EdTech.Tests", DateTimeOffset.UtcNow, "{\"recordId\":"u8.ToArray());
        await fixture.Streams.Produce(StreamTopics.AnalyticsEvents, poison, CancellationToken.None);

        await fixture.Report(AnalyticsFixture.View(Guid.NewGuid(), account));

        await Until(account, 1);
        var dead = await AnalyticsFixture.Read(fixture.Worker.Args, StreamTopics.AnalyticsEvents.DeadLetter, r => r.Id == poison.Id, 1);
        dead.Single().Body.ShouldBe("{\"recordId\":");
    }

    Task Until(Guid account, int events) => WorkerUnderTest.Until(async () => (await fixture.EventsOf(account)).Count >= events, $"{events} events are stored");
}
