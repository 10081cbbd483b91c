using Dapper;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>Several messages in one commit: nothing that a handler can see or do may differ from one commit each.</summary>
public sealed class BatchingTests : IAsyncLifetime
{
    WorkerUnderTest _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.BuildBatching);
        await _worker.Probe.Listen("error");
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Failures_and_refusals_among_many_take_nobody_with_them()
    {
        var good = Enumerable.Range(0, 300).Select(_ => Guid.CreateVersion7()).ToArray();
        var failing = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToArray();
        var refused = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToArray();
        ICommand[] commands = [.. good.Select(p => new GradePaper(p)), .. failing.Select(p => new FailAtFirst(p, 2)), .. refused.Select(p => new RefuseAfterWriting(p))];
        Random.Shared.Shuffle(commands);

        var answers = await Task.WhenAll(commands.Select(c => _worker.Ask(c)));

        answers.OfType<Done>().Count().ShouldBe(330);
        answers.OfType<Refused>().Count().ShouldBe(30);
        (await Rows(good)).ShouldBe(300);
        (await Rows(failing)).ShouldBe(30);
        (await Rows(refused)).ShouldBe(0);
        await WorkerUnderTest.Until(() => _worker.Events<PaperGraded>().Count >= 300, "every event has arrived");
        _worker.Events<PaperGraded>().Select(e => e.PaperId).Order().ShouldBe(good.Order());
    }

    [Fact]
    public async Task Duplicates_within_one_batch_take_effect_once()
    {
        var papers = Enumerable.Range(0, 100).Select(_ => Guid.CreateVersion7()).ToArray();

        await Task.WhenAll(papers.SelectMany(p => Enumerable.Repeat(p, 3)).Select(p => _worker.Ask(new GradePaper(p), p.ToString())));

        (await Rows(papers)).ShouldBe(100);
    }

    [Fact]
    public async Task Hot_sagas_lose_no_step_in_batches()
    {
        var terms = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => _worker.Done(new CountLesson(terms[i % terms.Length]))));

        foreach (var term in terms)
        {
            await _worker.Done(new EndTerm(term));
            (await _worker.Event<TermEnded>(e => e.TermId == term)).Lessons.ShouldBe(40);
        }
    }

    async Task<int> Rows(Guid[] papers)
    {
        await using var connection = await _worker.Db.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper WHERE paper_id = ANY(@papers)", new { papers });
    }
}
