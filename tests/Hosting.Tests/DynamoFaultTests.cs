using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Library;
using EdTech.Library;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>Servers of its own, killed under load: every accepted command takes effect once, every event arrives.</summary>
[Collection(FaultTests.Servers)]
public sealed class DynamoFaultTests : IAsyncLifetime
{
    FaultyStack _servers = null!;
    FragileLine _line = null!;
    WorkerUnderTest _worker = null!;
    DynamoTable _direct = null!;

    public async ValueTask InitializeAsync()
    {
        _servers = await FaultyStack.Up("rabbitmq dynamodb");
        _line = new FragileLine(new Uri(_servers.Settings["EDTECH_DYNAMODB"]));
        _worker = await WorkerUnderTest.Start(_servers, "library", LibraryEndpoint.Build, ("EDTECH_DYNAMODB", _line.Address.ToString()));
        await _worker.Probe.Listen("error");
        var settings = new Microsoft.Extensions.Configuration.ConfigurationManager { ["EDTECH_DYNAMODB"] = _servers.Settings["EDTECH_DYNAMODB"], ["EDTECH_DYNAMODB_KEY"] = "local", ["EDTECH_DYNAMODB_SECRET"] = "local" };
        _direct = new DynamoTable(DynamoClient.From(settings), _worker.Host.Services.GetRequiredService<DynamoTable>().Name);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _line.DisposeAsync();
        await _servers.DisposeAsync();
        _direct.Client.Dispose();
    }

    [Fact]
    public async Task Killing_DynamoDB_and_the_broker_under_load_loses_and_doubles_nothing()
    {
        // Three faults in every run; EDTECH_FAULTS=20 for a longer look.
        var faults = int.Parse(Environment.GetEnvironmentVariable("EDTECH_FAULTS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
        var books = Enumerable.Range(0, 100 * faults).Select(_ => Guid.CreateVersion7()).ToArray();
        var answered = 0;
        using var few = new SemaphoreSlim(32);
        var load = books.Select(async book =>
        {
            await few.WaitAsync();
            try
            {
                (await _worker.AskUntilAnswered(new LendBook(book))).ShouldBeOfType<Done>();
                Interlocked.Increment(ref answered);
            }
            finally
            {
                few.Release();
            }
        }).ToArray();

        for (var fault = 0; fault < faults; fault++)
        {
            var enough = (100 * fault) + 50;
            await WorkerUnderTest.Until(() => answered > enough, $"the load goes on before fault {fault + 1}");
            if (fault % 3 == 1)
            {
                await _servers.Restart("rabbitmq");
                continue;
            }

            // The local server answers before it has committed to its disk, and forgets what it has answered when it is killed in between: unlike the
            // service. So the line is cut first, in the middle of requests, and the server dies once it has done what it has answered: one read later.
            _line.Cut();
            await _direct.Get("none", "none", CancellationToken.None);
            await _servers.Kill("dynamodb");
            using var ready = await _worker.Api().GetAsync(new Uri("/health/ready", UriKind.Relative));
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await _servers.Recover();
            _line.Mend();
        }

        await Task.WhenAll(load);

        var lent = await _direct.GetMany([.. books.Select(b => ($"BOOK#{b}", "BOOK"))], CancellationToken.None);
        lent.Count.ShouldBe(books.Length);
        lent.ShouldAllBe(item => item["lent"].N == "1");
        await WorkerUnderTest.Until(() => _worker.Events<BookLent>().Select(e => e.BookId).Distinct().Count() == books.Length, "every event has arrived");
        // The wire may repeat an event, under its old id: receivers know it by that.
        _worker.Probe.Received.Where(m => m.Exchange.EndsWith(":BookLent", StringComparison.Ordinal)).Select(m => m.Headers[Headers.MessageId]).Distinct().Count().ShouldBe(books.Length);
        _worker.Probe.Received.ShouldNotContain(m => m.Exchange == "error");
    }
}
