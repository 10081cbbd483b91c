using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class SagaTests(AcademyFixture academy)
{
    readonly WorkerUnderTest _worker = academy.Worker;

    [Fact]
    public async Task Two_starts_that_race_make_one_saga_and_lose_no_step()
    {
        var term = Guid.CreateVersion7();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _worker.Done(new CountLesson(term))));

        await _worker.Done(new EndTerm(term));
        (await _worker.Event<TermEnded>(e => e.TermId == term)).Lessons.ShouldBe(20);
    }

    [Fact]
    public async Task A_completed_saga_is_removed_and_late_messages_are_dropped()
    {
        var term = Guid.CreateVersion7();
        await _worker.Done(new BeginTerm(term));
        await _worker.Done(new RemindMe(term, Seconds: 1));
        await _worker.Done(new EndTerm(term));

        await using var connection = await _worker.Db.OpenConnectionAsync();
        (await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM messaging.saga WHERE correlation = @term", new { term = term.ToString() })).ShouldBe(0);

        // A later time-out of another saga proves that this one's time has passed.
        var other = Guid.CreateVersion7();
        await _worker.Done(new BeginTerm(other));
        await _worker.Done(new RemindMe(other, Seconds: 2));
        await _worker.Event<TermEnded>(e => e.TermId == other);
        _worker.Events<TermEnded>().Count(e => e.TermId == term).ShouldBe(1);
    }

    [Fact]
    public void A_saga_that_cannot_be_found_by_one_of_its_messages_is_refused_at_start()
        => Should.Throw<InvalidOperationException>(() => new HandlerRegistry([typeof(LostSaga<int>)])).Message.ShouldContain("CountLesson");

    [Fact]
    public void A_command_with_two_handlers_is_refused_at_start()
        => Should.Throw<InvalidOperationException>(() => new HandlerRegistry([typeof(OneOfTwoHandlers<int>), typeof(OneOfTwoHandlers<long>)])).Message.ShouldContain("exactly one");

    // Generic, so that the endpoint under test, which takes every handler of this assembly, does not find them.
    public sealed class LostData : SagaData
    {
        public Guid TermId { get; set; }
    }

    sealed class LostSaga<T> : Saga<LostData>, IAmStartedByMessages<BeginTerm>, IHandleMessages<CountLesson>
    {
        protected override void ConfigureHowToFindSaga(SagaPropertyMapper<LostData> mapper) => mapper.MapSaga(d => d.TermId).ToMessage<BeginTerm>(m => m.TermId);

        public Task Handle(BeginTerm message, IMessageHandlerContext context) => Task.CompletedTask;

        public Task Handle(CountLesson message, IMessageHandlerContext context) => Task.CompletedTask;
    }

    sealed class OneOfTwoHandlers<T> : IHandleMessages<GradePaper>
    {
        public Task Handle(GradePaper message, IMessageHandlerContext context) => Task.CompletedTask;
    }
}
