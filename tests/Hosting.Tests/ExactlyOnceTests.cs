using Dapper;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class ExactlyOnceTests(AcademyFixture academy)
{
    readonly WorkerUnderTest _worker = academy.Worker;

    [Fact]
    public async Task A_command_writes_publishes_and_answers()
    {
        var paper = Guid.CreateVersion7();

        var done = await _worker.Done(new GradePaper(paper, "well done"));

        done.Id.ShouldBe(paper);
        (await academy.Papers(paper)).ShouldBe(1);
        (await _worker.Event<PaperGraded>(e => e.PaperId == paper)).Note.ShouldBe("well done");
    }

    [Fact]
    public async Task A_repeat_under_the_same_id_changes_nothing_and_gets_the_same_answer()
    {
        var paper = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();
        var first = await _worker.Ask(new GradePaper(paper), id);

        var second = await _worker.Ask(new GradePaper(paper), id);

        second.ShouldBe(first);
        (await academy.Papers(paper)).ShouldBe(1);
        _worker.Events<PaperGraded>().Count(e => e.PaperId == paper).ShouldBe(1);
    }

    [Fact]
    public async Task Repeats_that_race_take_effect_once()
    {
        var paper = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _worker.Ask(new GradePaper(paper), id)));

        answers.Distinct().Count().ShouldBe(1);
        (await academy.Papers(paper)).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_with_another_content_is_refused()
    {
        var id = Guid.CreateVersion7().ToString();
        await _worker.Ask(new GradePaper(Guid.CreateVersion7()), id, requestHash: "one");
        var other = Guid.CreateVersion7();

        var answer = await _worker.Ask(new GradePaper(other), id, requestHash: "two");

        answer.ShouldBeOfType<Refused>().Code.ShouldBe("idempotency.key_reused");
        (await academy.Papers(other)).ShouldBe(0);
    }

    [Fact]
    public async Task A_refusal_undoes_what_was_written_and_sent_and_is_remembered()
    {
        var paper = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        var first = await _worker.Ask(new RefuseAfterWriting(paper), id);
        var second = await _worker.Ask(new RefuseAfterWriting(paper), id);

        first.ShouldBeOfType<Refused>().Code.ShouldBe("paper.refused");
        second.ShouldBeOfType<Refused>().Code.ShouldBe("paper.refused");
        (await academy.Papers(paper)).ShouldBe(0);
        _worker.Events<PaperGraded>().ShouldNotContain(e => e.PaperId == paper);
    }

    [Fact]
    public async Task A_failing_handler_is_tried_again_and_leaves_nothing_of_its_failures()
    {
        var paper = Guid.CreateVersion7();

        await _worker.Done(new FailAtFirst(paper, Times: 3));

        Attempts.Of(paper).ShouldBe(4);
        (await academy.Papers(paper)).ShouldBe(1);
    }

    [Fact]
    public async Task When_much_fails_at_once_messages_are_put_aside_before_their_last_try()
    {
        // Of its own: nobody else's retries are spent.
        await using var worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build);
        await worker.Probe.Listen("error");
        var papers = Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7()).ToArray();

        foreach (var paper in papers)
        {
            _ = worker.Ask(new FailAlways(paper));
        }

        foreach (var paper in papers)
        {
            await worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(paper.ToString(), StringComparison.Ordinal), "the failed message");
        }

        // Five tries each after the delay, which are the last; of those before it only so many as there were retries in store.
        papers.Sum(Attempts.Of).ShouldBeInRange(60 + 100 + (60 * 5), 60 + 100 + 10 + (60 * 5));
    }

    [Fact]
    public async Task A_handler_that_hides_a_database_error_does_not_count_as_done()
    {
        var paper = Guid.CreateVersion7();
        var session = _worker.Ask(new HideADatabaseError(paper));

        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(paper.ToString(), StringComparison.Ordinal), "the failed message");

        failed.Headers[Headers.ExceptionType].ShouldBe("Npgsql.PostgresException");
        failed.Headers[Headers.ExceptionMessage].ShouldContain("25P02");
        (await academy.Papers(paper)).ShouldBe(0);
        session.IsCompletedSuccessfully.ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_whose_handler_forgets_to_answer_goes_to_the_error_queue()
    {
        var paper = Guid.CreateVersion7();
        _ = _worker.Ask(new ForgetToReply(paper));

        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(paper.ToString(), StringComparison.Ordinal), "the failed message");

        failed.Headers[Headers.ExceptionMessage].ShouldContain("neither replied nor refused");
        (await academy.Papers(paper)).ShouldBe(0);
    }

    [Fact]
    public async Task An_outside_call_is_made_without_a_transaction_and_its_repeat_is_not_made()
    {
        var paper = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        await _worker.Ask(new CallOutside(paper), id);
        await _worker.Ask(new CallOutside(paper), id);

        Attempts.Of(paper).ShouldBe(1);
        await _worker.Event<OutsideCalled>(e => e.PaperId == paper);
    }

    [Fact]
    public async Task The_outbox_is_empty_when_everything_has_left()
    {
        var paper = Guid.CreateVersion7();
        await _worker.Done(new GradePaper(paper));
        await _worker.Event<PaperGraded>(e => e.PaperId == paper);

        await WorkerUnderTest.Until(async () =>
        {
            await using var connection = await _worker.Db.OpenConnectionAsync();
            return !await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM messaging.outbox WHERE convert_from(body, 'UTF8') LIKE '%' || @paper || '%')", new { paper = paper.ToString() });
        }, "the outbox row is gone");
    }

    [Fact]
    public async Task What_a_crash_left_in_the_outbox_is_sent_by_the_sweeper()
    {
        var paper = Guid.CreateVersion7();
        await using var connection = await _worker.Db.OpenConnectionAsync();
        var types = EdTech.Hosting.MessageTypes.EnclosedTypesOf(typeof(PaperGraded));
        var id = Guid.CreateVersion7();
        await connection.ExecuteAsync(
            """
            INSERT INTO messaging.outbox (outbox_id, delivery, destination, headers, body, created_at)
            VALUES (@id, 1, 'EdTech.Contracts.Academy:PaperGraded', json_build_object(
                'NServiceBus.MessageId', @id::text, 'NServiceBus.EnclosedMessageTypes', @types::text, 'NServiceBus.ContentType', 'application/json', 'NServiceBus.MessageIntent', 'Publish')::text,
                convert_to(json_build_object('PaperId', @paper, 'Note', 'left behind')::text, 'UTF8'), now() - interval '1 minute')
            """, new { id, types, paper });

        (await _worker.Event<PaperGraded>(e => e.PaperId == paper)).Note.ShouldBe("left behind");
    }

    [Fact]
    public async Task A_message_that_cannot_leave_the_outbox_keeps_no_other_back()
    {
        var paper = Guid.CreateVersion7();
        await using var connection = await _worker.Db.OpenConnectionAsync();
        var stuck = new[] { Guid.CreateVersion7(), Guid.CreateVersion7() };
        await connection.ExecuteAsync(
            """
            INSERT INTO messaging.outbox (outbox_id, delivery, destination, headers, body, created_at)
            VALUES (@unknownType, 1, 'Gone:Event', '{"NServiceBus.MessageId":"gone","NServiceBus.EnclosedMessageTypes":"Gone.Event"}', '{}', now() - interval '1 minute'),
                   (@nobody, 0, 'EdTech.Nobody', '{"NServiceBus.MessageId":"nobody","NServiceBus.EnclosedMessageTypes":"Gone.Event"}', '{}', now() - interval '1 minute'),
                   (@good, 1, 'EdTech.Contracts.Academy:PaperGraded', json_build_object(
                'NServiceBus.MessageId', @good::text, 'NServiceBus.EnclosedMessageTypes', @types::text, 'NServiceBus.ContentType', 'application/json', 'NServiceBus.MessageIntent', 'Publish')::text,
                convert_to(json_build_object('PaperId', @paper, 'Note', 'behind them')::text, 'UTF8'), now() - interval '1 minute')
            """,
            new { unknownType = stuck[0], nobody = stuck[1], good = Guid.CreateVersion7(), types = EdTech.Hosting.MessageTypes.EnclosedTypesOf(typeof(PaperGraded)), paper });

        (await _worker.Event<PaperGraded>(e => e.PaperId == paper)).Note.ShouldBe("behind them");

        (await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM messaging.outbox WHERE outbox_id = ANY(@stuck)", new { stuck })).ShouldBe(2);
        (await _worker.Done(new GradePaper(Guid.CreateVersion7()))).ShouldNotBeNull();
    }
}
