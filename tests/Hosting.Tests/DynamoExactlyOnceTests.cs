using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Amazon.DynamoDBv2.Model;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Library;
using EdTech.Library;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class DynamoExactlyOnceTests(LibraryFixture library)
{
    readonly WorkerUnderTest _worker = library.Worker;

    [Fact]
    public async Task A_command_on_DynamoDB_writes_publishes_and_answers()
    {
        var book = Guid.CreateVersion7();

        var done = await _worker.Done(new LendBook(book, "for a week"));

        done.Id.ShouldBe(book);
        (await library.Lent(book)).ShouldBe(1);
        (await _worker.Event<BookLent>(e => e.BookId == book)).Note.ShouldBe("for a week");
    }

    [Fact]
    public async Task A_repeat_under_the_same_id_changes_nothing_and_gets_the_same_answer()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        var first = await _worker.Ask(new LendBook(book), id);

        var second = await _worker.Ask(new LendBook(book), id);

        second.ShouldBe(first);
        (await library.Lent(book)).ShouldBe(1);
        _worker.Events<BookLent>().Count(e => e.BookId == book).ShouldBe(1);
    }

    [Fact]
    public async Task Repeats_that_race_take_effect_once()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _worker.Ask(new LendBook(book), id)));

        answers.Distinct().Count().ShouldBe(1);
        (await library.Lent(book)).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_with_another_content_is_refused()
    {
        var id = Guid.CreateVersion7().ToString();
        await _worker.Ask(new LendBook(Guid.CreateVersion7()), id, requestHash: "one");
        var other = Guid.CreateVersion7();

        var answer = await _worker.Ask(new LendBook(other), id, requestHash: "two");

        answer.ShouldBeOfType<Refused>().Code.ShouldBe("idempotency.key_reused");
        (await library.Lent(other)).ShouldBe(0);
    }

    [Fact]
    public async Task A_refusal_undoes_what_was_written_and_sent_and_is_remembered()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        var first = await _worker.Ask(new RefuseAfterLending(book), id);
        var second = await _worker.Ask(new RefuseAfterLending(book), id);

        first.ShouldBeOfType<Refused>().Code.ShouldBe("book.refused");
        second.ShouldBeOfType<Refused>().Code.ShouldBe("book.refused");
        (await library.Lent(book)).ShouldBe(0);
        _worker.Events<BookLent>().ShouldNotContain(e => e.BookId == book);
    }

    [Fact]
    public async Task A_failing_handler_is_tried_again_and_leaves_nothing_of_its_failures()
    {
        var book = Guid.CreateVersion7();

        await _worker.Done(new LendAfterFailing(book, Times: 3));

        Attempts.Of(book).ShouldBe(4);
        (await library.Lent(book)).ShouldBe(1);
    }

    [Fact]
    public async Task A_handler_whose_reads_have_changed_runs_again_and_that_costs_it_no_try()
    {
        var book = Guid.CreateVersion7();

        await _worker.Done(new LendUnderOthers(book, Conflicts: 8));

        Attempts.Of(book).ShouldBe(9);
        (await library.Lent(book)).ShouldBe(9);
    }

    [Fact]
    public async Task A_condition_that_never_holds_ends_in_the_error_queue_and_names_the_item()
    {
        var book = Guid.CreateVersion7();
        _ = _worker.Ask(new LendWhatIsNotThere(book));

        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(book.ToString(), StringComparison.Ordinal), "the failed message");

        failed.Headers[Headers.ExceptionMessage].ShouldContain($"update of BOOK#{book} / BOOK (ConditionalCheckFailed)");
        (await library.Lent(book)).ShouldBe(0);
    }

    [Fact]
    public async Task Ten_items_fit_into_a_transaction_and_eleven_are_refused_with_the_reason()
    {
        var fits = Guid.CreateVersion7();
        await _worker.Done(new ShelveBooks(fits, Books: 9));
        var tooMany = Guid.CreateVersion7();
        _ = _worker.Ask(new ShelveBooks(tooMany, Books: 10));

        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(tooMany.ToString(), StringComparison.Ordinal), "the failed message");

        failed.Headers[Headers.ExceptionMessage].ShouldContain("writes 11 items");
        failed.Headers[Headers.ExceptionMessage].ShouldContain("a transaction takes 10");
        (await library.Table.Query($"SHELF#{fits}", "BOOK#", "BOOK#~", 100, newestFirst: false, CancellationToken.None)).Count.ShouldBe(9);
        (await library.Table.Query($"SHELF#{tooMany}", "BOOK#", "BOOK#~", 100, newestFirst: false, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_item_that_is_written_twice_by_one_message_is_refused_by_name()
    {
        var session = _worker.Host.Services.GetRequiredService<ITransactionalSession>();
        var book = Guid.CreateVersion7();

        var error = await Should.ThrowAsync<UnrecoverableException>(() => session.Run(
            context =>
            {
                Books.Lend(context, book);
                Books.Lend(context, book);
                return Task.CompletedTask;
            },
            CancellationToken.None));

        error.Message.ShouldContain($"BOOK#{book} / BOOK is written twice");
    }

    [Fact]
    public async Task An_outside_call_is_made_without_a_transaction_and_its_repeat_is_not_made()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        await _worker.Ask(new OrderFromPublisher(book), id);
        await _worker.Ask(new OrderFromPublisher(book), id);

        Attempts.Of(book).ShouldBe(1);
        await _worker.Event<BookOrdered>(e => e.BookId == book);
    }

    [Fact]
    public async Task The_inbox_item_forgets_what_has_left_and_keeps_the_answer()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        await _worker.Ask(new LendBook(book), id);
        await _worker.Event<BookLent>(e => e.BookId == book);

        await WorkerUnderTest.Until(async () => !(await Inbox(id))!.ContainsKey("outbox"), "the inbox item is out of the outbox' index");

        var item = (await Inbox(id))!;
        item.ShouldNotContainKey("outgoing");
        item.ShouldNotContainKey("outbox_at");
        item.ShouldContainKey("reply");
    }

    [Fact]
    public async Task What_a_crash_left_between_commit_and_sending_is_sent_by_the_sweeper()
    {
        var book = Guid.CreateVersion7();
        var id = await CommitAndCrash(context => context.Publish(new BookLent(book, "left behind")));

        (await _worker.Event<BookLent>(e => e.BookId == book)).Note.ShouldBe("left behind");

        await WorkerUnderTest.Until(async () => !(await Inbox(id))!.ContainsKey("outbox"), "the inbox item is out of the outbox' index");
        _worker.Events<BookLent>().Count(e => e.BookId == book).ShouldBe(1);
    }

    [Fact]
    public async Task A_message_that_cannot_leave_the_outbox_keeps_no_other_back()
    {
        var book = Guid.CreateVersion7();
        var id = await CommitAndCrash(async context =>
        {
            await context.Send(new Contracts.Academy.NobodyHandlesThis(book), new SendOptions(MessageId: "nobody"));
            ((HandlerContext)context).Outgoing[^1] = ((HandlerContext)context).Outgoing[^1] with { Destination = "EdTech.Nobody" };
            await context.Publish(new BookLent(book, "behind it"));
        });

        (await _worker.Event<BookLent>(e => e.BookId == book)).Note.ShouldBe("behind it");

        await WorkerUnderTest.Until(async () => (await Inbox(id))!["outgoing"].L.Count == 1, "only the stuck message is left");
        (await Inbox(id))!["outgoing"].L[0].M["destination"].S.ShouldBe("EdTech.Nobody");
    }

    [Fact]
    public async Task An_inbox_item_past_its_retention_is_not_seen_although_it_is_still_there()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        await Commit(id, DateTimeOffset.UtcNow.AddDays(-8), _ => Task.CompletedTask);
        (await Inbox(id)).ShouldNotBeNull();
        (await _worker.Host.Services.GetRequiredService<IEndpointStorage>().Find(id, CancellationToken.None)).ShouldBeNull();

        (await _worker.Ask(new LendBook(book), id)).ShouldBeOfType<Done>();

        (await library.Lent(book)).ShouldBe(1);
        (await _worker.Host.Services.GetRequiredService<IEndpointStorage>().Find(id, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_session_does_its_work_once_and_again_only_when_what_it_read_has_changed()
    {
        var session = _worker.Host.Services.GetRequiredService<ITransactionalSession>();
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        var handler = new LibraryHandlers();

        var first = await session.Run(id, Guid.NewGuid(), "one", c => handler.Handle(new LendUnderOthers(book, Conflicts: 2), c), CancellationToken.None);
        var second = await session.Run(id, Guid.NewGuid(), "one", c => handler.Handle(new LendUnderOthers(book, Conflicts: 2), c), CancellationToken.None);

        first.ShouldBeOfType<Done>().Id.ShouldBe(book);
        second.ShouldBe(first);
        (await library.Lent(book)).ShouldBe(3);
        await Should.ThrowAsync<RequestHashMismatchException>(() => session.Run(id, Guid.NewGuid(), "two", _ => Task.CompletedTask, CancellationToken.None));
    }

    [Fact]
    public async Task The_outcome_of_a_request_is_kept_for_its_actor_alone()
    {
        var book = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        var actor = Guid.CreateVersion7();
        await _worker.Ask(new LendBook(book), id, actor: actor);
        var path = new Uri($"/internal/outcomes/{id}", UriKind.Relative);

        var outcome = await _worker.Api(new Actor(actor, [])).GetFromJsonAsync<Outcome>(path);

        outcome!.Reply["id"]!.GetValue<Guid>().ShouldBe(book);
        (await _worker.Api(new Actor(Guid.CreateVersion7(), [])).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _worker.Api().GetStringAsync(new Uri("/health/ready", UriKind.Relative))).ShouldBe("ready");
    }

    [Fact]
    public async Task Instances_that_start_at_once_make_one_table()
    {
        var infrastructure = await Infrastructure.Reserve();
        await using (infrastructure)
        {
            var hosts = Enumerable.Range(0, 3).Select(_ => LibraryEndpoint.Build([.. infrastructure.Args, $"--EDTECH_LIBRARY_URL=http://127.0.0.1:{Infrastructure.FreePort()}"])).ToArray();

            await Task.WhenAll(hosts.Select(h => h.Services.GetRequiredService<IEndpointStorage>().Prepare(CancellationToken.None)));

            foreach (var host in hosts)
            {
                (await host.Services.GetRequiredService<IEndpointStorage>().Find("nothing", CancellationToken.None)).ShouldBeNull();
                await host.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Sweepers_that_race_send_each_message_once()
    {
        var infrastructure = await Infrastructure.Reserve();
        await using (infrastructure)
        {
            // Not started: nobody sweeps here but this test.
            await using var host = LibraryEndpoint.Build([.. infrastructure.Args, $"--EDTECH_LIBRARY_URL=http://127.0.0.1:{Infrastructure.FreePort()}"]);
            var runtime = host.Services.GetRequiredService<EndpointRuntime>();
            await runtime.Storage.Prepare(CancellationToken.None);
            var books = Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7()).ToArray();
            await Task.WhenAll(books.Select(b => Commit(runtime, Guid.CreateVersion7().ToString(), DateTimeOffset.UtcNow.AddMinutes(-1), c => c.Publish(new BookLent(b, "")))));
            var sent = new ConcurrentBag<string>();

            var counts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => runtime.Storage.Sweep(TimeSpan.FromSeconds(5), 100, m => Note(m), CancellationToken.None)));

            counts.Sum().ShouldBe(books.Length);
            sent.Distinct().Count().ShouldBe(books.Length);
            (await runtime.Storage.Sweep(TimeSpan.Zero, 100, m => Note(m), CancellationToken.None)).ShouldBe(0);

            Task Note(OutgoingMessage message)
            {
                sent.Add(message.MessageId);
                return Task.CompletedTask;
            }
        }
    }

    [Theory]
    [InlineData("None,ThrottlingError", typeof(DynamoUnavailableException))]
    [InlineData("None,TransactionConflict", typeof(StorageConflictException))]
    [InlineData("TransactionConflict,None", typeof(StorageConflictException))]
    [InlineData("None,ConditionalCheckFailed", typeof(StorageConflictException))]
    [InlineData("ConditionalCheckFailed,ConditionalCheckFailed", typeof(DuplicateMessageException))]
    [InlineData("None,ValidationError", null)]
    public void What_cancels_a_transaction_says_what_to_do(string reasons, Type? outcome)
    {
        var cancelled = new TransactionCanceledException("cancelled") { CancellationReasons = [.. reasons.Split(',').Select(code => new CancellationReason { Code = code })] };

        DynamoTransaction.Translate(cancelled, "m-1", ["update of BOOK#1 / BOOK"])?.GetType().ShouldBe(outcome);
    }

    Task<Dictionary<string, AttributeValue>?> Inbox(string messageId) => library.Table.Get($"INBOX#{messageId}", "INBOX", CancellationToken.None);

    /// <summary>Commits as a handler's message does, a minute ago, and sends nothing.</summary>
    async Task<string> CommitAndCrash(Func<IMessageHandlerContext, Task> work)
    {
        var id = Guid.CreateVersion7().ToString();
        await Commit(id, DateTimeOffset.UtcNow.AddMinutes(-1), work);
        return id;
    }

    Task Commit(string id, DateTimeOffset at, Func<IMessageHandlerContext, Task> work) => Commit(_worker.Host.Services.GetRequiredService<EndpointRuntime>(), id, at, work);

    static async Task Commit(EndpointRuntime runtime, string id, DateTimeOffset at, Func<IMessageHandlerContext, Task> work)
    {
        var context = new HandlerContext(runtime, new Dictionary<string, string>(StringComparer.Ordinal) { [Headers.MessageId] = id }, at, CancellationToken.None) { Inbox = new InboxRow(id, null, null, null, null) };
        await using var transaction = await runtime.Storage.Begin(CancellationToken.None);
        context.Transaction = transaction;
        await work(context);
        await transaction.Commit([context], at, CancellationToken.None);
    }
}
