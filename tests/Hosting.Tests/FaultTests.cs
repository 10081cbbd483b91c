using Dapper;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>Servers of its own, killed under load: every accepted command takes effect once, every event arrives.</summary>
[Collection(Servers)]
public sealed class FaultTests : IAsyncLifetime
{
    /// <summary>There is one set of servers to kill, so these tests run one after another.</summary>
    public const string Servers = "servers that a test may kill";

    FaultyStack _servers = null!;
    WorkerUnderTest _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _servers = await FaultyStack.Up("postgres rabbitmq");
        _worker = await WorkerUnderTest.Start(_servers, "academy", AcademyEndpoint.BuildBatching);
        await _worker.Probe.Listen("error");
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task Killing_the_database_and_the_broker_under_load_loses_and_doubles_nothing()
    {
        // Three faults in every run; EDTECH_FAULTS=20 for a longer look.
        var faults = int.Parse(Environment.GetEnvironmentVariable("EDTECH_FAULTS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
        var papers = Enumerable.Range(0, 1_000 * faults).Select(_ => Guid.CreateVersion7()).ToArray();
        var answered = 0;
        using var few = new SemaphoreSlim(64);
        var load = papers.Select(async paper =>
        {
            await few.WaitAsync();
            try
            {
                (await _worker.AskUntilAnswered(new GradePaper(paper))).ShouldBeOfType<Done>();
                Interlocked.Increment(ref answered);
            }
            finally
            {
                few.Release();
            }
        }).ToArray();

        for (var fault = 0; fault < faults; fault++)
        {
            var enough = (1_000 * fault) + 500;
            await WorkerUnderTest.Until(() => answered > enough, $"the load goes on before fault {fault + 1}");
            switch (fault % 3)
            {
                case 0 or 2:
                    await _servers.Kill("postgres");
                    await _servers.Recover();
                    break;
                case 1 when fault < 3:
                    await _servers.Restart("rabbitmq");
                    break;
                default:
                    // Queues are by now older than the moment in which this broker's version may forget a new one.
                    await _servers.Kill("rabbitmq");
                    await _servers.Recover();
                    break;
            }
        }

        await Task.WhenAll(load);

        Dictionary<Guid, int> counts = [];
        await WorkerUnderTest.Until(
            async () =>
            {
                try
                {
                    await using var connection = await _worker.Db.OpenConnectionAsync();
                    counts = (await connection.QueryAsync<(Guid Paper, int Rows)>("SELECT paper_id, count(*)::int FROM academy.paper GROUP BY paper_id")).ToDictionary(r => r.Paper, r => r.Rows);
                    return true;
                }
                catch (Npgsql.NpgsqlException)
                {
                    return false; // The pool still hands out connections that died with the server.
                }
            },
            "the database answers the test");
        counts.Count.ShouldBe(papers.Length);
        counts.Values.ShouldAllBe(rows => rows == 1);
        await WorkerUnderTest.Until(() => _worker.Events<PaperGraded>().Select(e => e.PaperId).Distinct().Count() == papers.Length, "every event has arrived");
        // The wire may repeat an event, under its old id: receivers know it by that.
        _worker.Probe.Received.Where(m => m.Exchange.EndsWith(":PaperGraded", StringComparison.Ordinal)).Select(m => m.Headers[Headers.MessageId]).Distinct().Count().ShouldBe(papers.Length);
        _worker.Probe.Received.ShouldNotContain(m => m.Exchange == "error");
    }
}
