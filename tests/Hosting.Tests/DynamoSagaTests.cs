using EdTech.Contracts;
using EdTech.Contracts.Library;
using EdTech.Library;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class DynamoSagaTests(LibraryFixture library)
{
    readonly WorkerUnderTest _worker = library.Worker;

    [Fact]
    public async Task Two_starts_that_race_make_one_saga_and_lose_no_step()
    {
        var reading = Guid.CreateVersion7();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _worker.Done(new CountPage(reading))));

        await _worker.Done(new CloseReading(reading));
        (await _worker.Event<ReadingEnded>(e => e.ReadingId == reading)).Pages.ShouldBe(20);
    }

    [Fact]
    public async Task A_completed_saga_is_removed_and_its_late_time_out_does_not_reach_a_new_one()
    {
        var reading = Guid.CreateVersion7();
        await _worker.Done(new OpenReading(reading));
        await _worker.Done(new RemindReader(reading, Seconds: 1));
        await _worker.Done(new CloseReading(reading));
        (await library.Table.Get(DynamoKeys.SagaPk(typeof(ReadingSaga).FullName!, reading.ToString()), DynamoKeys.SagaSk, CancellationToken.None)).ShouldBeNull();
        await _worker.Done(new OpenReading(reading));

        // A later time-out of another saga proves that this one's time has passed.
        var other = Guid.CreateVersion7();
        await _worker.Done(new OpenReading(other));
        await _worker.Done(new RemindReader(other, Seconds: 2));
        (await _worker.Event<ReadingEnded>(e => e.ReadingId == other)).ByTimeout.ShouldBeTrue();
        _worker.Events<ReadingEnded>().Where(e => e.ReadingId == reading).ShouldHaveSingleItem().ByTimeout.ShouldBeFalse();
    }
}
