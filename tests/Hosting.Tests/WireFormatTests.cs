using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using RabbitMQ.Client;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>What we publish, beside what genuine NServiceBus endpoints published (Captured/*.json): the same places, properties, headers and forms of values.</summary>
public sealed class WireFormatTests(AcademyFixture academy)
{
    // Ours are optional there, or theirs come from switches that we do not have.
    static readonly string[] MayDiffer = ["traceparent", "tracestate", Headers.Request, Headers.Actor, Headers.RequestHash];
    readonly WorkerUnderTest _worker = academy.Worker;

    [Fact]
    public async Task A_command_has_the_captured_form()
    {
        var paper = Guid.CreateVersion7();
        var seen = await Seen("EdTech.Academy", paper, () => _worker.Done(new GradePaper(paper)));

        ShouldHaveTheFormOf("command", seen);
        seen.RoutingKey.ShouldBe("");
        seen.Properties.Type.ShouldBe("EdTech.Contracts.Academy.GradePaper");
        seen.Text.ShouldBe($$"""{"PaperId":"{{paper}}","Note":""}""");
    }

    [Fact]
    public async Task An_event_has_the_captured_form()
    {
        var paper = Guid.CreateVersion7();
        var seen = await Seen(null, paper, () => _worker.Done(new GradePaper(paper)), "PaperGraded");

        ShouldHaveTheFormOf("event", seen);
        seen.Exchange.ShouldBe("EdTech.Contracts.Academy:PaperGraded");
    }

    [Fact]
    public async Task A_reply_has_the_captured_form()
    {
        var paper = Guid.CreateVersion7();
        var asker = "EdTech.Asker" + paper.ToString("N");
        await _worker.Probe.Listen(asker);

        await SendByHand(new GradePaper(paper), Guid.CreateVersion7().ToString(), (Headers.ReplyToAddress, asker));

        var seen = await _worker.Probe.Message(m => m.Exchange == asker, "the reply");
        ShouldHaveTheFormOf("reply", seen);
    }

    [Fact]
    public async Task A_timeout_of_a_saga_has_the_captured_form_and_comes_in_time()
    {
        var term = Guid.CreateVersion7();
        await _worker.Done(new BeginTerm(term));
        await _worker.Probe.Channel.QueueBindAsync(_worker.Probe.Queue, "nsb.v2.delay-level-02", "#");

        await _worker.Done(new RemindMe(term, Seconds: 4));

        var seen = await _worker.Probe.Message(m => m.Exchange == "nsb.v2.delay-level-02" && m.Headers.ContainsKey(Headers.IsSagaTimeout), "the time-out");
        ShouldHaveTheFormOf("saga-timeout", seen);
        seen.RoutingKey.ShouldBe("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.EdTech.Academy");
        seen.Properties.Headers![Headers.DelayInSeconds].ShouldBe(4);
        var due = WireTime.FromWire(seen.Headers[Headers.DeliverAt])!.Value;
        (await _worker.Event<TermEnded>(e => e.TermId == term)).ByTimeout.ShouldBeTrue();
        DateTimeOffset.UtcNow.ShouldBeGreaterThanOrEqualTo(due);
    }

    [Fact]
    public async Task A_failing_message_waits_and_then_stands_in_the_error_queue_in_the_captured_forms()
    {
        var paper = Guid.CreateVersion7();
        await _worker.Probe.Channel.QueueBindAsync(_worker.Probe.Queue, "nsb.v2.delay-level-00", "#");

        await SendByHand(new FailAlways(paper), Guid.CreateVersion7().ToString(), (Headers.ReplyToAddress, "EdTech.Nobody"));

        var delayed = await _worker.Probe.Message(m => m.Exchange == "nsb.v2.delay-level-00" && m.Text.Contains(paper.ToString(), StringComparison.Ordinal), "the delayed retry");
        ShouldHaveTheFormOf("delayed-retry", delayed);
        delayed.Headers[Headers.Retries].ShouldBe("1");
        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(paper.ToString(), StringComparison.Ordinal), "the failed message");
        ShouldHaveTheFormOf(
            "failed-message",
            failed,
            missing: [Headers.ExceptionHelpLink, Headers.ExceptionDataPrefix + "rubric"]);
        failed.Headers[Headers.FailedQ].ShouldBe("EdTech.Academy");
        failed.Headers[Headers.ExceptionType].ShouldBe("System.InvalidOperationException");
        failed.Headers[Headers.InnerExceptionType].ShouldBe("System.ArgumentException");
        failed.Headers[Headers.ExceptionStackTrace].ShouldContain("   at EdTech.Academy.FailingHandlers.Handle(FailAlways");
        (await academy.Papers(paper)).ShouldBe(0);
    }

    [Fact]
    public void A_metrics_report_has_the_captured_bytes()
    {
        var captured = Captured("metrics-retries");
        const long Base = 639309704176671689;
        const string Tag = "Academy.Enrolment.Messages.GradePaper, Academy.Contracts, Version=1.2.3.0, Culture=neutral, PublicKeyToken=null";

        var ours = MetricsReporter.Encode([.. new[] { 0L, 651544, 30823820 }.Select(offset => (new DateTimeOffset(Base + offset, TimeSpan.Zero), Tag, 1L))]);

        Convert.ToHexString(ours).ShouldBe(captured["body_hex"]!.GetValue<string>());
    }

    [Fact]
    public void Delays_enter_at_their_highest_bit()
    {
        DelayLevels.Route(TimeSpan.FromSeconds(5), "Academy.Enrolment").ShouldBe(("nsb.v2.delay-level-02", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.1.Academy.Enrolment", 5));
        DelayLevels.Route(TimeSpan.FromSeconds(2.1), "A.B").Seconds.ShouldBe(3);
        DelayLevels.Route(TimeSpan.Zero, "A.B").Exchange.ShouldBe("nsb.v2.delay-level-00");
        Should.Throw<ArgumentOutOfRangeException>(() => DelayLevels.Route(TimeSpan.FromSeconds(1L << 28), "A.B"));
    }

    [Theory]
    [InlineData("EdTech.Contracts.Academy.GradePaper")]
    [InlineData("EdTech.Contracts.Academy.GradePaper, Some.Other.Assembly, Version=9.9.9.9, Culture=neutral, PublicKeyToken=null")]
    [InlineData("Unknown.Concrete, X;EdTech.Contracts.Academy.GradePaper, Y")]
    public async Task A_type_is_found_by_its_full_name_whatever_its_assembly(string enclosed)
    {
        var paper = Guid.CreateVersion7();

        await SendByHand(new GradePaper(paper), Guid.CreateVersion7().ToString(), (Headers.EnclosedMessageTypes, enclosed));

        await _worker.Event<PaperGraded>(e => e.PaperId == paper);
    }

    [Fact]
    public async Task A_message_without_headers_is_handled_by_its_properties()
    {
        var paper = Guid.CreateVersion7();
        var properties = new BasicProperties { MessageId = Guid.CreateVersion7().ToString(), Type = typeof(GradePaper).FullName, ContentType = "application/json; charset=utf-8" };

        await _worker.Probe.Channel.BasicPublishAsync("EdTech.Academy", "", mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(new GradePaper(paper)));

        await _worker.Event<PaperGraded>(e => e.PaperId == paper);
    }

    [Theory]
    [InlineData("EdTech.Contracts.Academy.NobodyHandlesThis", "{}", "no handler")]
    [InlineData("Nobody.Knows.This", "{}", "no handler")]
    [InlineData("EdTech.Contracts.Academy.GradePaper", "{not json", "not readable")]
    [InlineData("EdTech.Contracts.Academy.GradePaper", "null", "not readable")]
    public async Task Poison_goes_to_the_error_queue_at_once(string type, string body, string reason)
    {
        var id = Guid.CreateVersion7().ToString();
        var properties = new BasicProperties { MessageId = id, Type = type, Headers = new Dictionary<string, object?> { [Headers.MessageId] = id } };

        await _worker.Probe.Channel.BasicPublishAsync("EdTech.Academy", "", mandatory: true, properties, System.Text.Encoding.UTF8.GetBytes(body));

        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Headers.GetValueOrDefault(Headers.MessageId) == id, "the poison");
        failed.Headers[Headers.ExceptionMessage].ShouldContain(reason);
        failed.Headers.Keys.ShouldNotContain(Headers.RetriesTimestamp);
    }

    [Fact]
    public async Task A_retry_from_ServicePulse_is_handled_under_its_first_id_and_confirmed()
    {
        var paper = Guid.CreateVersion7();
        var unique = Guid.NewGuid().ToString();

        await SendByHand(new GradePaper(paper), unique, (Headers.MessageId, Guid.CreateVersion7().ToString()), (Headers.RetryUniqueMessageId, unique), (Headers.RetryAcknowledgementQueue, "error"));

        await _worker.Event<PaperGraded>(e => e.PaperId == paper);
        var confirmation = await _worker.Probe.Message(m => m.Exchange == "error" && m.Headers.ContainsKey(Headers.RetrySuccessful) && m.Headers[Headers.RetryUniqueMessageId] == unique, "the confirmation");
        ShouldHaveTheFormOf("retry-confirmation", confirmation);
        confirmation.Body.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_topology_is_the_captured_one()
    {
        var queues = JsonNode.Parse(await _worker.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{_worker.Infrastructure.Prefix}"))!.AsArray();
        JsonNode Queue(string name) => queues.Single(q => q!["name"]!.GetValue<string>() == name)!;
        Queue("EdTech.Academy")["arguments"]!.ToJsonString().ShouldBe("""{"x-queue-type":"quorum"}""");
        Queue("error")["arguments"]!.ToJsonString().ShouldBe("""{"x-queue-type":"quorum"}""");
        var level = Queue("nsb.v2.delay-level-26")["arguments"]!;
        level["x-message-ttl"]!.GetValue<long>().ShouldBe(67108864000);
        level["x-dead-letter-exchange"]!.GetValue<string>().ShouldBe("nsb.v2.delay-level-25");
        level["x-dead-letter-strategy"]!.GetValue<string>().ShouldBe("at-least-once");
        level["x-overflow"]!.GetValue<string>().ShouldBe("reject-publish");
        Queue("nsb.v2.delay-level-00")["arguments"]!["x-dead-letter-exchange"]!.GetValue<string>().ShouldBe("nsb.v2.delay-delivery");

        await _worker.Done(new GradePaper(Guid.CreateVersion7()));
        var bindings = JsonNode.Parse(await _worker.Infrastructure.Manage(HttpMethod.Get, $"/api/bindings/{_worker.Infrastructure.Prefix}"))!.AsArray()
            .Select(b => $"{b!["source"]} -> {b["destination_type"]} {b["destination"]} {b["routing_key"]}").ToHashSet(StringComparer.Ordinal);
        bindings.ShouldContain("EdTech.Academy -> queue EdTech.Academy ");
        bindings.ShouldContain("nsb.v2.delay-delivery -> exchange EdTech.Academy #.EdTech.Academy");
        bindings.ShouldContain("EdTech.Contracts.Academy:PaperGraded -> exchange EdTech.Contracts:IEvent ");
        bindings.ShouldContain("EdTech.Contracts.Academy:PaperGraded -> exchange System:Object ");
        bindings.ShouldContain("nsb.v2.delay-level-27 -> queue nsb.v2.delay-level-27 1.#");
        bindings.ShouldContain("nsb.v2.delay-level-27 -> exchange nsb.v2.delay-level-26 0.#");
        bindings.ShouldContain("nsb.v2.delay-level-26 -> queue nsb.v2.delay-level-26 *.1.#");
    }

    async Task<WireMessage> Seen(string? exchange, Guid paper, Func<Task> act, string? type = null)
    {
        if (exchange is not null)
        {
            await _worker.Probe.Listen(exchange);
        }

        await act();
        return await _worker.Probe.Message(
            m => (exchange is null || m.Exchange == exchange) && m.Text.Contains(paper.ToString(), StringComparison.Ordinal) && (type is null || m.Exchange.EndsWith(type, StringComparison.Ordinal)),
            "the message");
    }

    Task SendByHand(object message, string messageId, params (string Name, string Value)[] headers)
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Headers.MessageId] = messageId,
            [Headers.MessageIntent] = "Send",
            [Headers.ConversationId] = Guid.CreateVersion7().ToString(),
            [Headers.CorrelationId] = messageId,
            [Headers.OriginatingMachine] = "vm",
            [Headers.OriginatingEndpoint] = "EdTech.Asker",
            [Headers.OriginatingHostId] = Guid.NewGuid().ToString("N"),
            [Headers.ContentType] = "application/json",
            [Headers.EnclosedMessageTypes] = message.GetType().AssemblyQualifiedName!,
            [Headers.Version] = "10.2.8",
            [Headers.StartNewTrace] = "False",
            [Headers.TimeSent] = WireTime.ToWire(DateTimeOffset.UtcNow),
        };
        foreach (var (name, value) in headers)
        {
            table[name] = value;
        }

        var properties = Publisher.PropertiesOf(table);
        properties.MessageId = messageId;
        return _worker.Probe.Channel.BasicPublishAsync("EdTech.Academy", "", mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(message, message.GetType())).AsTask();
    }

    static void ShouldHaveTheFormOf(string captured, WireMessage ours, string[]? missing = null) => ShouldHaveTheFormOf(Captured(captured), ours, missing);

    internal static void ShouldHaveTheFormOf(JsonNode theirs, WireMessage ours, string[]? missing = null)
    {
        var theirHeaders = theirs["headers"]!.AsObject().ToDictionary(h => h.Key, h => h.Value!, StringComparer.Ordinal);
        ours.Headers.Keys.Except(MayDiffer).Order(StringComparer.Ordinal)
            .ShouldBe(theirHeaders.Keys.Except(missing ?? []).Except(MayDiffer).Order(StringComparer.Ordinal));
        foreach (var (name, value) in theirHeaders.Where(h => h.Value is JsonValue && ours.Headers.ContainsKey(h.Key)))
        {
            FormOf(ours.Headers[name]).ShouldBe(FormOf(value.GetValue<string>()), name);
        }

        var theirProperties = theirs["properties"]!.AsObject();
        ours.Properties.IsMessageIdPresent().ShouldBe(theirProperties.ContainsKey("message_id"));
        ours.Properties.IsTypePresent().ShouldBe(theirProperties.ContainsKey("type"));
        ours.Properties.IsCorrelationIdPresent().ShouldBe(theirProperties.ContainsKey("correlation_id"));
        ours.Properties.IsReplyToPresent().ShouldBe(theirProperties.ContainsKey("reply_to"));
        ours.Properties.IsExpirationPresent().ShouldBe(theirProperties.ContainsKey("expiration"));
        ((int)ours.Properties.DeliveryMode).ShouldBe(theirProperties["delivery_mode"]!.GetValue<int>());
        ours.Properties.ContentType.ShouldBe(theirProperties["content_type"]!.GetValue<string>());
        ours.Properties.IsTimestampPresent().ShouldBeFalse();
        ours.Properties.IsAppIdPresent().ShouldBeFalse();
    }

    /// <summary>What kind of value it is; words are themselves.</summary>
    static string FormOf(string value)
        => Guid.TryParseExact(value, "D", out _) ? "guid D"
            : Guid.TryParseExact(value, "N", out _) ? "guid N"
            : DateTimeOffset.TryParseExact(value, "yyyy-MM-dd HH:mm:ss:ffffff Z", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) ? "time"
            : value.Contains("PublicKeyToken=", StringComparison.Ordinal) ? "assembly-qualified"
            : value is "Send" or "Publish" or "Reply" or "True" or "False" or "application/json" or "1" ? value
            : "text";

    internal static JsonNode Captured(string name)
    {
        using var stream = typeof(WireFormatTests).Assembly.GetManifestResourceStream($"EdTech.Hosting.Tests.Captured.{name}.json")!;
        return JsonNode.Parse(stream)!;
    }
}
