using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using EdTech.Contracts;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class StreamTests(AcademyFixture academy)
{
    [Fact]
    public async Task A_record_is_a_cloud_event_that_any_consumer_can_read()
    {
        var test = new JournalTest(academy);
        using var host = await test.Start();
        using var activity = new Activity("the request").Start();
        var line = JournalTest.Line(1, "journal of Ada", "hello") with { At = new DateTimeOffset(2026, 11, 23, 12, 0, 0, 123, TimeSpan.FromHours(2)) };

        var position = await test.Append(host, line);

        var record = JournalTest.Read(test.OnBroker, 1).Single();
        record.Offset.Value.ShouldBe(position.Offset);
        record.Partition.Value.ShouldBe(position.Partition);
        record.Message.Key.ShouldBe("journal of Ada");
        record.Header("ce_specversion").ShouldBe("1.0");
        record.Header("ce_id").ShouldBe(line.RecordId.ToString());
        record.Header("ce_type").ShouldBe("edtech.journal.line.v1");
        record.Header("ce_source").ShouldBe("EdTech.Journal");
        record.Header("ce_time").ShouldBe("2026-11-23T10:00:00.123Z");
        record.Header("ce_dataschema").ShouldBe("urn:edtech:schema:edtech.journal.line.v1");
        record.Header("content-type").ShouldBe("application/json");
        record.Header("traceparent")!.ShouldContain(activity.TraceId.ToString());
        record.Message.Value.ShouldBe($$"""{"Number":1,"Text":"hello","RecordId":"{{line.RecordId}}","Journal":"journal of Ada","At":"2026-11-23T12:00:00.123+02:00"}""");
    }

    [Fact]
    public async Task A_raw_record_goes_as_it_is_given()
    {
        var test = new JournalTest(academy, partitions: 1);
        using var host = await test.Start();
        var body = "  {\"a\":1}  "u8.ToArray();

        await host.Services.GetRequiredService<IStreamProducer>().Produce(
            test.Topic, new RawStreamRecord("id-1", "key-1", "edtech.other.thing.v1", "EdTech.Other", DateTimeOffset.UnixEpoch, body.AsMemory(2, 7)), CancellationToken.None);

        var record = JournalTest.Read(test.OnBroker, 1).Single();
        record.Message.Key.ShouldBe("key-1");
        record.Message.Value.ShouldBe("{\"a\":1}");
        record.Header("ce_id").ShouldBe("id-1");
        record.Header("ce_type").ShouldBe("edtech.other.thing.v1");
        record.Header("ce_source").ShouldBe("EdTech.Other");
        record.Header("ce_time").ShouldBe("1970-01-01T00:00:00Z");
    }

    [Fact]
    public async Task Records_of_a_key_are_handled_in_the_order_in_which_they_were_appended()
    {
        var test = new JournalTest(academy);
        using var host = await test.Start("a");
        var lines = Enumerable.Range(0, 2_000).Select(n => JournalTest.Line(n, $"j{n % 20}")).ToArray();

        await test.Append(host, lines);

        await WorkerUnderTest.Until(() => test.Handled.Count >= lines.Length, "every line is handled");
        test.Handled.Count.ShouldBe(lines.Length);
        foreach (var journal in test.Lines.GroupBy(l => l.Journal))
        {
            journal.Select(l => l.Number).ShouldBe(journal.Select(l => l.Number).Order());
        }

        test.Handled.Select(h => h.Position.Partition).Distinct().Count().ShouldBe(3);
        await host.StopAsync();
    }

    [Fact]
    public async Task Records_that_are_appended_before_their_topic_is_made_keep_their_order()
    {
        var test = new JournalTest(academy, partitions: 1);
        using var host = test.Build();

        // The topic is made by the first of these, and the others wait for it.
        var appending = test.Append(host, Enumerable.Range(0, 500).Select(n => JournalTest.Line(n)));
        await host.StartAsync();
        await appending;

        JournalTest.Read(test.OnBroker, 500).Select(r => r.Message.Value.Split(',')[0]).ShouldBe(Enumerable.Range(0, 500).Select(n => $"{{\"Number\":{n}"));
    }

    [Fact]
    public async Task A_worker_that_is_restarted_goes_on_where_it_stopped()
    {
        var test = new JournalTest(academy);
        using var producer = await test.Start();
        var lines = Enumerable.Range(0, 1_000).Select(n => JournalTest.Line(n, $"j{n % 7}")).ToArray();
        for (var run = 0; run < 4; run++)
        {
            using var host = await test.Start($"run {run}");
            await test.Append(producer, lines[(run * 250)..((run + 1) * 250)]);
            var enough = (run * 250) + 200;
            await WorkerUnderTest.Until(() => test.Handled.Count >= enough, "most of the run is handled");
            await host.StopAsync();
        }

        using var last = await test.Start("last");
        await WorkerUnderTest.Until(() => test.Handled.Count >= lines.Length, "every line is handled");
        await last.StopAsync();
        test.Lines.Select(l => l.Number).Order().ShouldBe(Enumerable.Range(0, lines.Length));
    }

    [Fact]
    public async Task A_worker_that_dies_repeats_what_it_had_not_committed_and_loses_nothing()
    {
        var test = new JournalTest(academy, partitions: 1);
        using var producer = await test.Start();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        test.BeforeHandling = async (batch, ct) =>
        {
            if (batch.Records.Any(r => r.Value is LineWritten { Number: 60 }))
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, ct);
            }
        };
        var dying = await test.Start("dying");
        await test.Append(producer, Enumerable.Range(0, 50).Select(n => JournalTest.Line(n)));
        await WorkerUnderTest.Until(() => test.Handled.Count == 50, "the first lines are handled");
        await test.Append(producer, Enumerable.Range(50, 50).Select(n => JournalTest.Line(n)));
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // Never stopped: it leaves without a word to the group, in the middle of a batch.
        dying.Dispose();
        test.BeforeHandling = (_, _) => Task.CompletedTask;

        using var heir = await test.Start("heir");
        await WorkerUnderTest.Until(() => test.Lines.Select(l => l.Number).Distinct().Count() == 100, "the heir has handled the rest");
        var numbers = test.Lines.Select(l => l.Number).ToArray();
        numbers[^50..].Where(n => n >= 50).ShouldBe(numbers[^50..].Where(n => n >= 50).Order());
        await heir.StopAsync();
    }

    [Fact]
    public async Task What_cannot_be_read_goes_to_the_dead_letter_topic_and_its_partition_goes_on()
    {
        var test = new JournalTest(academy, partitions: 1);
        using var host = await test.Start("a");
        await test.Append(host, JournalTest.Line(1));
        await test.Append(host, JournalTest.Line(2));
        var good = """{"Number":3,"Text":"t","RecordId":"0193a000-0000-7000-8000-000000000001","Journal":"j","At":"2026-11-23T00:00:00Z"}""";
        var bad = new (string Reason, string? Type, string? Version, string? Body)[]
        {
            ("Its body is no readable edtech.journal.line.v1: syntax error, or a property missing, null or of another kind at line 1, byte 2.", "edtech.journal.line.v1", "1.0", "{nonsense of a minor"),
            ("Its body is no readable edtech.journal.line.v1: syntax error, or a property missing, null or of another kind at line 1, byte 13.", "edtech.journal.line.v1", "1.0", """{"Number":3}"""),
            ("Its body is null instead of a edtech.journal.line.v1.", "edtech.journal.line.v1", "1.0", "null"),
            ("Its ce_type is not one that JournalRecord has.", "edtech.journal.line.v99", "1.0", good),
            ("It has no header ce_type.", null, "1.0", good),
            ("It is no CloudEvent: it has no header ce_specversion.", "edtech.journal.line.v1", null, good),
            ("It is a CloudEvent of another version than 1.", "edtech.journal.line.v1", "0.3", good),
            ("It has no body.", "edtech.journal.line.v1", "1.0", null),
            ("Its body has 900001 bytes, more than 900000.", "edtech.journal.line.v1", "1.0", new string(' ', 900_001)),
        };
        using (var stranger = new ProducerBuilder<string, string?>(new ProducerConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA") }).SetValueSerializer(new MayBeNull()).Build())
        {
            foreach (var (_, type, version, body) in bad)
            {
                var headers = new Confluent.Kafka.Headers { { "ce_id", Encoding.UTF8.GetBytes("the id") }, { "custom", "kept"u8.ToArray() } };
                if (type is not null)
                {
                    headers.Add("ce_type", Encoding.UTF8.GetBytes(type));
                }

                if (version is not null)
                {
                    headers.Add("ce_specversion", Encoding.UTF8.GetBytes(version));
                }

                await stranger.ProduceAsync(test.OnBroker, new Message<string, string?> { Key = "the key", Value = body, Headers = headers });
            }
        }

        await test.Append(host, JournalTest.Line(4));

        await WorkerUnderTest.Until(() => test.Lines.Any(l => l.Number == 4), "the partition went on");
        test.Lines.Select(l => l.Number).ShouldBe([1, 2, 4]);
        var dead = JournalTest.Read(test.DeadLetter, bad.Length);
        for (var i = 0; i < bad.Length; i++)
        {
            dead[i].Header("dead_reason").ShouldBe(bad[i].Reason);
            dead[i].Header("dead_topic").ShouldBe(test.OnBroker);
            dead[i].Header("dead_partition").ShouldBe("0");
            dead[i].Header("dead_offset").ShouldBe((i + 2).ToString(CultureInfo.InvariantCulture));
            dead[i].Header("dead_group").ShouldEndWith("JournalWorker");
            dead[i].Header("custom").ShouldBe("kept");
            dead[i].Message.Key.ShouldBe("the key");
            dead[i].Message.Value.ShouldBe(bad[i].Body);
        }

        await host.StopAsync();
    }

    [Fact]
    public async Task A_record_that_leaves_no_room_for_its_reason_is_put_aside_by_its_place()
    {
        var test = new JournalTest(academy, partitions: 1);
        using var host = await test.Start("a");
        await test.Append(host, JournalTest.Line(1));
        using (var stranger = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA") }).Build())
        {
            await stranger.ProduceAsync(test.OnBroker, new Message<string, string> { Key = "k", Value = new string(' ', 999_900) });
        }

        await test.Append(host, JournalTest.Line(2));

        await WorkerUnderTest.Until(() => test.Handled.Count == 2, "the partition went on");
        var dead = JournalTest.Read(test.DeadLetter, 1).Single();
        dead.Header("dead_reason").ShouldBe("It is no CloudEvent: it has no header ce_specversion.");
        dead.Header("dead_offset").ShouldBe("1");
        dead.Header("dead_without_body").ShouldBe("true");
        dead.Message.Value.ShouldBeNull();
        await host.StopAsync();
    }

    [Fact]
    public async Task A_record_that_fails_alone_is_put_aside_and_the_others_of_its_batch_are_handled()
    {
        var test = new JournalTest(academy, partitions: 1);
        var together = 0;
        test.BeforeHandling = (batch, _) =>
        {
            if (batch.Records.Any(r => r.Value is LineWritten { Number: 13 }))
            {
                together += batch.Records.Count > 1 ? 1 : 0;
                throw new InvalidOperationException("13 cannot be stored.");
            }

            return Task.CompletedTask;
        };
        using var producer = await test.Start();
        await test.Append(producer, Enumerable.Range(0, 20).Select(n => JournalTest.Line(n)));

        using var host = await test.Start("a");

        await WorkerUnderTest.Until(() => test.Handled.Count == 19, "the others are handled");
        test.Lines.Select(l => l.Number).ShouldBe(Enumerable.Range(0, 20).Where(n => n != 13));
        together.ShouldBe(4, "one try and three more, before the records go one by one");
        var dead = JournalTest.Read(test.DeadLetter, 1).Single();
        dead.Header("dead_reason").ShouldBe("InvalidOperationException: 13 cannot be stored.");
        dead.Header("dead_offset").ShouldBe("13");
        dead.Header("ce_type").ShouldBe("edtech.journal.line.v1");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_record_that_the_worker_rejects_is_put_aside_with_its_reason()
    {
        var test = new JournalTest(academy, partitions: 1);
        test.BeforeHandling = (batch, _) =>
        {
            foreach (var record in batch.Records.Where(r => r.Value is JournalClosed))
            {
                batch.Reject(record, "A journal is closed by its owner only.");
                batch.Reject(record, "And once.");
            }

            return Task.CompletedTask;
        };
        using var host = await test.Start("a");
        await test.Append(host, JournalTest.Line(1));
        await test.Append(host, new JournalClosed(Guid.CreateVersion7(), "j", DateTimeOffset.UtcNow));
        await test.Append(host, JournalTest.Line(2));

        await WorkerUnderTest.Until(() => test.Handled.Count == 3, "every record was given to the handler");
        var dead = JournalTest.Read(test.DeadLetter, 1).Single();
        dead.Header("dead_reason").ShouldBe("A journal is closed by its owner only.");
        dead.Header("dead_offset").ShouldBe("1");
        await host.StopAsync();
    }

    [Fact]
    public async Task While_the_storage_is_away_a_worker_waits_and_puts_nothing_aside()
    {
        var test = new JournalTest(academy, partitions: 2);
        var tries = 0;
        var away = true;
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        test.BeforeHandling = async (_, ct) =>
        {
            Interlocked.Increment(ref tries);
            if (Volatile.Read(ref away))
            {
                await nowhere.OpenConnectionAsync(ct);
            }
        };
        using var host = await test.Start("a");
        var lines = Enumerable.Range(0, 300).Select(n => JournalTest.Line(n, $"j{n % 9}")).ToArray();
        await test.Append(host, lines);
        await WorkerUnderTest.Until(() => Volatile.Read(ref tries) >= 10, "more tries than a failing record gets");
        test.Handled.ShouldBeEmpty();

        Volatile.Write(ref away, false);

        await WorkerUnderTest.Until(() => test.Handled.Count >= lines.Length, "every line is handled");
        test.Lines.Select(l => l.Number).Order().ShouldBe(Enumerable.Range(0, lines.Length));
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA") }).Build();
        using var reader = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Infrastructure.Setting("EDTECH_KAFKA"), GroupId = test.Prefix }).Build();
        reader.QueryWatermarkOffsets(new TopicPartition(test.DeadLetter, 0), TimeSpan.FromSeconds(5)).High.Value.ShouldBe(0);
        await host.StopAsync();
    }

    [Fact]
    public async Task Two_workers_share_the_partitions_and_hand_them_over_without_a_hole()
    {
        var test = new JournalTest(academy, partitions: 6);
        using var producer = await test.Start();
        using var stop = new CancellationTokenSource();
        var appended = 0;
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await test.Append(producer, Enumerable.Range(appended, 60).Select(n => JournalTest.Line(n, $"j{n % 30}")));
                appended += 60;
                await Task.Delay(5, CancellationToken.None);
            }
        });

        using var first = await test.Start("first");
        await WorkerUnderTest.Until(() => test.Handled.Count > 500, "the first works");
        using var second = await test.Start("second");
        await WorkerUnderTest.Until(() => test.Assignments.Count(a => a.Instance == "second") == 3, "the second has its share");
        var soFar = test.Handled.Count;
        await WorkerUnderTest.Until(() => test.Handled.Count > soFar + 500, "both work");
        await first.StopAsync();
        await WorkerUnderTest.Until(() => test.Assignments.Count(a => a.Instance == "second") == 6, "the second has taken over all");
        await stop.CancelAsync();
        await load;

        await WorkerUnderTest.Until(() => test.Lines.Select(l => l.Number).Distinct().Count() == appended, "every line is handled");
        await second.StopAsync();
        // The embedded broker starts a group anew when a member's SyncGroup comes after the leader's, and then refuses the offsets of who gives back.
        var unsaid = test.Warnings.Where(w => w.Contains("without their last offsets", StringComparison.Ordinal)).SelectMany(PartitionsIn).ToHashSet();
        foreach (var partition in test.Handled.GroupBy(h => h.Position.Partition).Where(p => !unsaid.Contains(p.Key)))
        {
            partition.Select(h => h.Position.Offset).ShouldBe(Enumerable.Range(0, partition.Count()).Select(n => (long)n), $"an orderly hand-over of partition {partition.Key} repeats nothing and keeps the order");
        }

        static IEnumerable<int> PartitionsIn(string warning)
            => Regex.Match(warning, "(?<=partitions )[0-9,]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value.Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_slow_handler_neither_fills_the_memory_nor_loses_its_partition()
    {
        var test = new JournalTest(academy, partitions: 1);
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken given = default;
        test.BeforeHandling = (_, ct) =>
        {
            given = ct;
            handling.TrySetResult();
            return go.Task;
        };
        // A batch of this test takes longer than the broker lets a consumer not poll.
        using var host = await test.Start("slow", ("EDTECH_KAFKA_OPTIONS", "session.timeout.ms=6000;max.poll.interval.ms=6000"));
        var began = Stopwatch.StartNew();
        await test.Append(host, JournalTest.Line(0));
        await handling.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await test.Append(host, Enumerable.Range(1, 9_999).Select(n => JournalTest.Line(n, text: new string('x', 200))));
        await WorkerUnderTest.Until(() => began.Elapsed > TimeSpan.FromSeconds(9), "the interval has passed");

        given.IsCancellationRequested.ShouldBeFalse();
        go.SetResult();

        await WorkerUnderTest.Until(() => test.Handled.Count >= 10_000, "every line is handled");
        test.Lines.Select(l => l.Number).ShouldBe(Enumerable.Range(0, 10_000));
        test.Assignments.Count.ShouldBe(1);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_batch_whose_handler_does_not_end_is_told_to_when_its_worker_stops()
    {
        var test = new JournalTest(academy, partitions: 1);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        test.BeforeHandling = async (_, ct) =>
        {
            handling.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                told.TrySetResult();
            }
        };
        using (var host = await test.Start("stuck"))
        {
            await test.Append(host, JournalTest.Line(1));
            await handling.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await host.StopAsync();
            await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        test.BeforeHandling = (_, _) => Task.CompletedTask;
        using var next = await test.Start("next");
        await WorkerUnderTest.Until(() => test.Handled.Count == 1, "the next has handled it");
        await next.StopAsync();
    }

    [Fact]
    public async Task Lag_and_handled_records_are_measured()
    {
        var test = new JournalTest(academy, partitions: 1);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        test.BeforeHandling = (_, _) => go.Task;
        var lag = new ConcurrentQueue<long>();
        long handled = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == Telemetry.SourceName && instrument.Name.StartsWith("edtech.stream.", StringComparison.Ordinal))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "messaging.destination.name" && tag.Value is string topic && topic == test.OnBroker)
                {
                    if (instrument.Name == "edtech.stream.lag")
                    {
                        lag.Enqueue(value);
                    }
                    else if (instrument.Name == "edtech.stream.records")
                    {
                        Interlocked.Add(ref handled, value);
                    }
                }
            }
        });
        listener.Start();
        using var host = await test.Start("a");
        await test.Append(host, Enumerable.Range(0, 25).Select(n => JournalTest.Line(n)));

        await WorkerUnderTest.Until(
            () =>
            {
                listener.RecordObservableInstruments();
                return lag.Contains(25);
            },
            "the lag is 25");
        go.SetResult();
        await WorkerUnderTest.Until(
            () =>
            {
                listener.RecordObservableInstruments();
                return lag.Last() == 0;
            },
            "the lag is 0 again");
        Interlocked.Read(ref handled).ShouldBe(25);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_batch_is_linked_to_the_traces_of_those_who_appended_it()
    {
        var test = new JournalTest(academy, partitions: 1);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == Telemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var host = await test.Start("a");
        using (var request = new Activity("request").Start())
        {
            await test.Append(host, JournalTest.Line(1));
        }

        await WorkerUnderTest.Until(() => spans.Any(s => s.OperationName == $"process {test.OnBroker}"), "the batch has its span");
        var sent = spans.Single(s => s.OperationName == $"send {test.OnBroker}");
        var processed = spans.First(s => s.OperationName == $"process {test.OnBroker}");
        processed.Links.Single().Context.SpanId.ShouldBe(sent.SpanId);
        processed.Kind.ShouldBe(ActivityKind.Consumer);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_producer_that_reaches_no_broker_says_so_in_time()
    {
        var test = new JournalTest(academy);
        using var host = await test.Start(null, ("EDTECH_KAFKA", "127.0.0.1:1"), ("EDTECH_KAFKA_ADMIN", ""), ("EDTECH_KAFKA_TIMEOUT", "1.5"));
        var began = Stopwatch.StartNew();

        (await Should.ThrowAsync<StreamUnavailableException>(() => test.Append(host, JournalTest.Line(1)))).Message.ShouldContain("1.5 s");

        began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_record_that_is_too_large_is_refused_before_it_is_sent()
    {
        var test = new JournalTest(academy);
        using var host = await test.Start();

        (await Should.ThrowAsync<ArgumentException>(() => test.Append(host, JournalTest.Line(1, text: new string('x', 900_000))))).Message.ShouldContain("900000");
    }

    [Fact]
    public async Task An_endpoint_without_kafka_is_ready_and_says_what_waits()
    {
        await using var worker = await WorkerUnderTest.Start(
            "academy",
            args => WorkerHost.Build(new Worker("EdTech.Academy", typeof(StreamTests).Assembly).Services(s => s.AddStreamProducer()), args),
            ("EDTECH_KAFKA", "127.0.0.1:1"),
            ("EDTECH_KAFKA_ADMIN", ""));
        using var client = new HttpClient { BaseAddress = new Uri(worker.Host.Urls.First()) };

        await WorkerUnderTest.Until(async () => await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative)) == "ready, but Kafka is not reachable: its streams wait", "the endpoint says that Kafka is away");
    }

    sealed class MayBeNull : ISerializer<string?>
    {
        public byte[] Serialize(string? data, SerializationContext context) => data is null ? null! : Encoding.UTF8.GetBytes(data);
    }
}
