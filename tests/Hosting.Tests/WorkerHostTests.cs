using System.Net;
using System.Net.Http.Json;
using Dapper;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class WorkerHostTests(AcademyFixture academy)
{
    readonly WorkerUnderTest _worker = academy.Worker;

    [Fact]
    public async Task The_internal_api_answers_only_callers_with_the_service_key()
    {
        using var stranger = new HttpClient { BaseAddress = new Uri(_worker.Host.Urls.First()) };
        (await stranger.GetAsync(new Uri("/internal/outcomes/x", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        stranger.DefaultRequestHeaders.Add("Authorization", "Bearer wrong");
        (await stranger.GetAsync(new Uri("/internal/outcomes/x", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        (await _worker.Api().GetAsync(new Uri("/internal/outcomes/x", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.GetStringAsync(new Uri("/health/live", UriKind.Relative))).ShouldBe("live");
        (await stranger.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).ShouldBe("ready");
    }

    [Fact]
    public async Task The_outcome_of_a_request_is_kept_for_its_actor_alone()
    {
        var paper = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        var actor = Guid.CreateVersion7();
        await _worker.Ask(new GradePaper(paper), id, actor: actor);
        var path = new Uri($"/internal/outcomes/{id}", UriKind.Relative);

        var outcome = await _worker.Api(new Actor(actor, [])).GetFromJsonAsync<Outcome>(path);
        outcome!.Type.ShouldBe("EdTech.Contracts.Done");
        outcome.Reply["id"]!.GetValue<Guid>().ShouldBe(paper);

        (await _worker.Api(new Actor(Guid.CreateVersion7(), [])).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _worker.Api().GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Instances_share_a_queue_and_one_that_stops_in_order_loses_nothing()
    {
        await using var worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build);
        await worker.Probe.Listen("error");
        var second = AcademyEndpoint.Build([.. worker.Args, $"--EDTECH_ACADEMY_URL=http://127.0.0.1:{Infrastructure.FreePort()}"]);
        await second.StartAsync();
        await WorkerUnderTest.Ready(second);
        var papers = Enumerable.Range(0, 600).Select(_ => Guid.CreateVersion7()).ToArray();
        var answered = 0;
        var load = papers.Select(async p =>
        {
            (await worker.AskUntilAnswered(new GradePaper(p))).ShouldBeOfType<Done>();
            Interlocked.Increment(ref answered);
        }).ToArray();
        await WorkerUnderTest.Until(() => answered > 50, "load has started");

        await second.StopAsync();
        await second.DisposeAsync();

        await Task.WhenAll(load);
        await using var connection = await worker.Db.OpenConnectionAsync();
        (await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper")).ShouldBe(papers.Length);
        await WorkerUnderTest.Until(() => worker.Events<PaperGraded>().Select(e => e.PaperId).Distinct().Count() == papers.Length, "every event has arrived");
        worker.Probe.Received.ShouldNotContain(m => m.Exchange == "error");
    }

    [Fact]
    public async Task A_script_that_was_edited_after_it_ran_stops_the_start()
    {
        await using var worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build);
        await using (var connection = await worker.Db.OpenConnectionAsync())
        {
            await connection.ExecuteAsync("UPDATE public.schema_version SET checksum = 'edited' WHERE script LIKE '%001_academy.sql'");
        }

        var second = AcademyEndpoint.Build([.. worker.Args, $"--EDTECH_ACADEMY_URL=http://127.0.0.1:{Infrastructure.FreePort()}"]);
        await using (second)
        {
            var migrator = (SchemaMigrator)second.Services.GetService(typeof(SchemaMigrator))!;
            (await Should.ThrowAsync<InvalidOperationException>(() => migrator.Run(CancellationToken.None))).Message.ShouldContain("add a new one");
        }
    }
}
