using System.Net;
using System.Text;
using Confluent.Kafka;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>The broker that <c>ops/stack</c> runs where no Kafka is to be had, asked over its socket as any client asks it.</summary>
public sealed class DevelopmentBrokerTests : IAsyncLifetime
{
    readonly string _topic = $"t{Guid.NewGuid():N}";
    readonly HttpClient _admin = new() { Timeout = TimeSpan.FromSeconds(20) };

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static string Servers => Infrastructure.Setting("EDTECH_KAFKA");

    static bool OnRealKafka => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("EDTECH_KAFKA_ADMIN"));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OnRealKafka, "EDTECH_KAFKA names a real Kafka, not the embedded broker.");
        _admin.BaseAddress = new Uri(Infrastructure.Setting("EDTECH_KAFKA_ADMIN"));
        (await Post($"/topics?name={_topic}&partitions=3")).ShouldBe(HttpStatusCode.Created);
    }

    public async ValueTask DisposeAsync()
    {
        if (!OnRealKafka)
        {
            using var gone = await _admin.DeleteAsync(new Uri($"/topics/{_topic}", UriKind.Relative), CancellationToken.None);
        }

        _admin.Dispose();
    }

    [Fact]
    public async Task Records_of_a_key_come_back_in_order_with_their_headers()
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Servers, Acks = Acks.All, EnableIdempotence = true }).Build();
        var sent = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => producer.ProduceAsync(_topic, new Message<string, string>
        {
            Key = "one conversation",
            Value = $"{i}",
            Headers = [new Header("ce_id", Encoding.UTF8.GetBytes($"id {i}"))],
        }, Ct)));
        sent.Select(s => s.Partition).Distinct().ShouldHaveSingleItem();

        using var consumer = Consumer("reader");
        consumer.Subscribe(_topic);
        var read = Read(consumer, 50);
        read.Select(r => r.Message.Value).ShouldBe(Enumerable.Range(0, 50).Select(i => $"{i}"));
        Encoding.UTF8.GetString(read[7].Message.Headers.GetLastBytes("ce_id")).ShouldBe("id 7");
        consumer.Close();
    }

    [Fact]
    public async Task A_group_goes_on_where_it_committed()
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Servers }).Build();
        for (var i = 0; i < 10; i++)
        {
            await producer.ProduceAsync(_topic, new Message<string, string> { Key = "k", Value = $"{i}" }, Ct);
        }

        using (var first = Consumer("group"))
        {
            first.Subscribe(_topic);
            var fourth = Read(first, 4)[^1];
            first.Commit(fourth);
            first.Close();
        }

        using var second = Consumer("group");
        second.Subscribe(_topic);
        Read(second, 6)[0].Message.Value.ShouldBe("4");
        second.Close();
    }

    [Theory]
    [InlineData("/topics?partitions=3", "name:")]
    [InlineData("/topics?name=a%20topic&partitions=3", "name:")]
    [InlineData("/topics?name=fine", "partitions:")]
    [InlineData("/topics?name=fine&partitions=0", "partitions:")]
    public async Task A_topic_that_cannot_be_made_is_refused_with_the_field(string path, string reason)
    {
        using var answer = await _admin.PostAsync(new Uri(path, UriKind.Relative), null, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain(reason);
    }

    [Fact]
    public async Task Making_a_topic_again_changes_nothing() => (await Post($"/topics?name={_topic}&partitions=5")).ShouldBe(HttpStatusCode.NoContent);

    IConsumer<string, string> Consumer(string group) => new ConsumerBuilder<string, string>(new ConsumerConfig
    {
        BootstrapServers = Servers,
        GroupId = _topic + group,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        EnableAutoCommit = false,
        SessionTimeoutMs = 6_000, // the embedded broker lets a new group member wait this long after the last one left
    }).Build();

    static List<ConsumeResult<string, string>> Read(IConsumer<string, string> consumer, int count)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        return [.. Enumerable.Range(0, count).Select(_ => consumer.Consume(deadline.Token))];
    }

    async Task<HttpStatusCode> Post(string path)
    {
        using var answer = await _admin.PostAsync(new Uri(path, UriKind.Relative), null, Ct);
        return answer.StatusCode;
    }
}
