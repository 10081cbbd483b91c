using System.Diagnostics;
using EdTech.Contracts;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>A broker of its own, taken away under load: what was accepted is there, what is there is handled.</summary>
[Collection(FaultTests.Servers)]
public sealed class StreamFaultTests : IAsyncLifetime
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    FaultyStack _servers = null!;

    public async ValueTask InitializeAsync() => _servers = await FaultyStack.Up("kafka");

    public ValueTask DisposeAsync() => _servers.DisposeAsync();

    [Fact]
    public async Task A_broker_that_comes_and_goes_costs_no_record_doubles_none_and_keeps_their_order()
    {
        var test = new JournalTest("faults");
        using var host = await test.Start("a", Broker());
        var appended = 0;
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await test.Append(host, Enumerable.Range(appended, 30).Select(n => JournalTest.Line(n, $"j{n % 10}")));
                Interlocked.Add(ref appended, 30);
                await Task.Delay(2, CancellationToken.None);
            }
        });
        for (var fault = 0; fault < 3; fault++)
        {
            var enough = Volatile.Read(ref appended) + 300;
            await WorkerUnderTest.Until(() => Volatile.Read(ref appended) > enough, $"records are appended before fault {fault + 1}");
            await Admin("broker/down");
            var away = Stopwatch.StartNew();
            await WorkerUnderTest.Until(() => away.Elapsed > TimeSpan.FromSeconds(2), "clients have noticed");
            await Admin("broker/up");
        }

        var last = Volatile.Read(ref appended) + 300;
        await WorkerUnderTest.Until(() => Volatile.Read(ref appended) > last, "records are appended again");
        await stop.CancelAsync();
        await load;

        await WorkerUnderTest.Until(() => test.Lines.Select(l => l.Number).Distinct().Count() == appended, "every line is handled");
        await host.StopAsync();
        var stored = JournalTest.Read(test.OnBroker, appended, _servers.Settings["EDTECH_KAFKA"]);
        stored.Select(r => r.Header("ce_id")).Distinct().Count().ShouldBe(appended, "the producer repeats, the broker knows the repeat");
        foreach (var journal in test.Lines.GroupBy(l => l.Journal))
        {
            // A repeat goes back, but never over something that was not handled.
            var numbers = journal.Select(l => l.Number).Distinct().ToArray();
            numbers.ShouldBe(numbers.Order());
        }
    }

    [Fact]
    public async Task While_the_broker_is_away_a_producer_refuses_in_time_and_takes_records_again_afterwards()
    {
        var test = new JournalTest("faults");
        using var host = await test.Start(null, [.. Broker(), ("EDTECH_KAFKA_TIMEOUT", "2"), ("EDTECH_KAFKA_OPTIONS", "queue.buffering.max.messages=5")]);
        await test.Append(host, JournalTest.Line(0));
        await Admin("broker/down");
        var began = Stopwatch.StartNew();

        var refusals = await Task.WhenAll(Enumerable.Range(1, 8).Select(n => Should.ThrowAsync<StreamUnavailableException>(() => test.Append(host, JournalTest.Line(n)))));

        began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
        refusals.Count(r => r.Message.Contains("as many as may wait", StringComparison.Ordinal)).ShouldBe(3);
        refusals.Count(r => r.Message.Contains("within 2 s", StringComparison.Ordinal)).ShouldBe(5);

        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Should.ThrowAsync<OperationCanceledException>(() => host.Services.GetRequiredService<IStreamProducer>().Produce(test.Topic, JournalTest.Line(9), impatient.Token));

        await Admin("broker/up");
        await WorkerUnderTest.Until(
            async () =>
            {
                try
                {
                    await test.Append(host, JournalTest.Line(10));
                    return true;
                }
                catch (StreamUnavailableException)
                {
                    return false;
                }
            },
            "the producer takes records again");
    }

    (string Name, string Value)[] Broker() => [("EDTECH_KAFKA", _servers.Settings["EDTECH_KAFKA"]), ("EDTECH_KAFKA_ADMIN", _servers.Settings["EDTECH_KAFKA_ADMIN"])];

    async Task Admin(string path)
    {
        using var response = await Http.PostAsync(new Uri(new Uri(_servers.Settings["EDTECH_KAFKA_ADMIN"]), path), content: null);
        response.EnsureSuccessStatusCode();
    }
}
