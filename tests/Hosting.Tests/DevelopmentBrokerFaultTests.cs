using System.Net.Http.Json;
using Confluent.Kafka;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>An embedded broker of its own, that goes away and comes back at the same address.</summary>
[Collection(FaultTests.Servers)]
public sealed class DevelopmentBrokerFaultTests : IAsyncLifetime
{
    const string Topic = "records";
    readonly HttpClient _admin = new() { Timeout = TimeSpan.FromSeconds(20) };
    FaultyStack _servers = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string Servers => _servers.Settings["EDTECH_KAFKA"];

    public async ValueTask InitializeAsync()
    {
        _servers = await FaultyStack.Up("kafka");
        _admin.BaseAddress = new Uri(_servers.Settings["EDTECH_KAFKA_ADMIN"]);
        await Post($"/topics?name={Topic}&partitions=1");
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_was_unreachable_still_has_its_records_and_takes_those_that_waited()
    {
        using var producer = Producer();
        await producer.ProduceAsync(Topic, Record("before"), Ct);
        (await Reader(first: 1)).ShouldBe(["before"]);

        await Post("/broker/down");
        await Post("/broker/down"); // twice is no harm
        await Unreachable();
        var waiting = producer.ProduceAsync(Topic, Record("meanwhile"), Ct);

        await Post("/broker/up");
        await Post("/broker/up");

        (await waiting.WaitAsync(TimeSpan.FromSeconds(30), Ct)).Status.ShouldBe(PersistenceStatus.Persisted);
        await producer.ProduceAsync(Topic, Record("after"), Ct);
        (await Reader(first: 3)).ShouldBe(["before", "meanwhile", "after"]);
    }

    [Fact]
    public async Task A_broker_that_was_killed_comes_back_empty_at_its_old_address()
    {
        using (var producer = Producer())
        {
            await producer.ProduceAsync(Topic, Record("lost"), Ct);
        }

        var address = Servers;
        await _servers.Kill("kafka");
        await _servers.Recover();

        Servers.ShouldBe(address);
        (await Topics()).ShouldBeEmpty();
        await Post($"/topics?name={Topic}&partitions=1");
        using var again = Producer();
        (await again.ProduceAsync(Topic, Record("first"), Ct)).Offset.Value.ShouldBe(0);
    }

    [Fact]
    public async Task A_topic_that_was_deleted_is_gone_with_its_records()
    {
        using (var producer = Producer())
        {
            await producer.ProduceAsync(Topic, Record("lost"), Ct);
        }

        using (var gone = await _admin.DeleteAsync(new Uri($"/topics/{Topic}", UriKind.Relative), Ct))
        {
            gone.EnsureSuccessStatusCode();
        }

        (await Topics()).ShouldBeEmpty();
        await Post($"/topics?name={Topic}&partitions=2");
        using var again = Producer();
        (await again.ProduceAsync(Topic, Record("first"), Ct)).Offset.Value.ShouldBe(0);
    }

    IProducer<string, string> Producer() => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = Servers,
        Acks = Acks.All,
        EnableIdempotence = true,
        MessageTimeoutMs = 30_000,
        ReconnectBackoffMaxMs = 500,
    }).SetLogHandler((_, _) => { }).Build();

    static Message<string, string> Record(string value) => new() { Key = "k", Value = value };

    // Assigned, not subscribed: a group would wait for its dead members.
    Task<string[]> Reader(int first) => Task.Run(
        () =>
        {
            using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = Servers, GroupId = "reader", EnableAutoCommit = false }).Build();
            consumer.Assign(new TopicPartitionOffset(Topic, 0, Offset.Beginning));
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            deadline.CancelAfter(TimeSpan.FromSeconds(30));
            return Enumerable.Range(0, first).Select(_ => consumer.Consume(deadline.Token).Message.Value).ToArray();
        },
        Ct);

    async Task Unreachable()
    {
        using var probe = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Servers, MessageTimeoutMs = 500 }).SetLogHandler((_, _) => { }).Build();
        await Should.ThrowAsync<ProduceException<string, string>>(() => probe.ProduceAsync(Topic, Record("nowhere"), Ct));
    }

    async Task<Dictionary<string, int>> Topics() => (await _admin.GetFromJsonAsync<Dictionary<string, int>>("/topics", Ct))!;

    async Task Post(string path)
    {
        using var answer = await _admin.PostAsync(new Uri(path, UriKind.Relative), null, Ct);
        answer.EnsureSuccessStatusCode();
    }
}
