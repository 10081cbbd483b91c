using System.Net;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Library;
using EdTech.Library;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class DynamoOutageTests(LibraryFixture library) : IAsyncLifetime
{
    readonly FragileLine _line = new(new Uri(Infrastructure.Setting("EDTECH_DYNAMODB")));
    WorkerUnderTest _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerUnderTest.Start("library", LibraryEndpoint.Build, ("EDTECH_DYNAMODB", _line.Address.ToString()));
        await _worker.Probe.Listen("error");
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _line.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_whose_first_answer_is_lost_is_heard_of_when_the_client_asks_again()
    {
        var book = Guid.CreateVersion7();
        _line.Lose(1, "TransactWriteItems");

        await _worker.Done(new LendBook(book));

        Attempts.Of(book).ShouldBe(1);
        await TookEffectOnce(book);
    }

    [Fact]
    public async Task A_commit_whose_answers_are_lost_for_long_costs_no_try_and_is_known_by_the_inbox()
    {
        var book = Guid.CreateVersion7();
        _line.Lose(int.MaxValue, "TransactWriteItems");
        var done = _worker.Done(new LendBook(book));
        await WorkerUnderTest.Until(() => Attempts.Of(book) > 5, "the handler has run more often than a message may fail");
        _line.Lose(0, "");

        (await done).Id.ShouldBe(book);

        await TookEffectOnce(book);
    }

    [Fact]
    public async Task A_server_that_takes_requests_and_is_silent_is_waited_for()
    {
        var book = Guid.CreateVersion7();
        _line.Silent = true;
        var done = _worker.Done(new LendBook(book));
        await WorkerUnderTest.Until(() => Attempts.Of(book) == 1, "the handler has run");
        using var ready = await _worker.Api().GetAsync(new Uri("/health/ready", UriKind.Relative));
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _line.Silent = false;

        (await done).Id.ShouldBe(book);

        await TookEffectOnce(book);
    }

    async Task TookEffectOnce(Guid book)
    {
        await _worker.Event<BookLent>(e => e.BookId == book);
        (await Books.Lent(new DynamoTable(library.Table.Client, $"{_worker.Infrastructure.Prefix}_library"), book)).ShouldBe(1);
        _worker.Probe.Received.ShouldNotContain(m => m.Exchange == "error");
    }
}
