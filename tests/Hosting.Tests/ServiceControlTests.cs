using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using RabbitMQ.Client;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>What ServiceControl finds in its queues, taken out and decoded as it does, beside what genuine endpoints put there (Captured/*.json).</summary>
public sealed class ServiceControlTests(ServiceControlTests.Fixture fixture) : IClassFixture<ServiceControlTests.Fixture>
{
    const string ServiceControlQueue = "Particular.ServiceControl";
    const string MonitoringQueue = "Particular.Monitoring";
    static readonly string[] OfSagas = [Headers.InvokedSagas, Headers.SagaStateChange];
    readonly WorkerUnderTest _worker = fixture.Worker;
    readonly BrokerProbe _probe = fixture.Worker.Probe;

    public sealed class Fixture : IAsyncLifetime
    {
        public string Chalk { get; } = Path.GetTempFileName();

        public WorkerUnderTest Worker { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build, ("EDTECH_SERVICECONTROL", "1"), ("EDTECH_ACADEMY_CHALK", Chalk));
            // Its own queues, and those that ServiceControl --setup makes; after the endpoint, whose first reports are lost.
            foreach (var queue in new[] { "error", "audit", ServiceControlQueue, MonitoringQueue })
            {
                await Worker.Probe.TakeFrom(queue);
            }
        }

        public async ValueTask DisposeAsync()
        {
            File.Delete(Chalk);
            await Worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_command_is_audited_with_its_body_and_when_it_was_handled()
    {
        var paper = Guid.CreateVersion7();
        var before = DateTimeOffset.UtcNow;
        await Send(new GradePaper(paper), (Headers.ReplyToAddress, "EdTech.Academy"));

        var copy = await Audited(paper, "GradePaper");

        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("audit-copy"), copy, missing: OfSagas);
        copy.Properties.MessageId.ShouldBe(copy.Headers[Headers.MessageId]);
        copy.Text.ShouldBe($$"""{"PaperId":"{{paper}}","Note":""}""");
        copy.Headers[Headers.ProcessingEndpoint].ShouldBe("EdTech.Academy");
        copy.Headers[Headers.HostId].ShouldBe(_host.HostIdN);
        var started = WireTime.FromWire(copy.Headers[Headers.ProcessingStarted])!.Value;
        var ended = WireTime.FromWire(copy.Headers[Headers.ProcessingEnded])!.Value;
        started.ShouldBeGreaterThan(before - TimeSpan.FromMilliseconds(5));
        ended.ShouldBeGreaterThan(started);
        ended.ShouldBeLessThan(DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task An_event_is_audited_where_it_was_handled()
    {
        var paper = Guid.CreateVersion7();
        await _worker.Done(new CallOutside(paper));

        var copy = await Audited(paper, "OutsideCalled");

        copy.Headers[Headers.MessageIntent].ShouldBe("Publish");
        copy.Headers[Headers.OriginatingEndpoint].ShouldBe("EdTech.Academy");
        copy.Headers[Headers.RelatedTo].ShouldBe((await Audited(paper, "CallOutside")).Headers[Headers.MessageId]);
        copy.Headers[Headers.ConversationId].ShouldBe((await Audited(paper, "CallOutside")).Headers[Headers.ConversationId]);
    }

    [Fact]
    public async Task A_reply_is_audited_where_it_was_handled()
    {
        var paper = Guid.CreateVersion7();
        await Send(new GradePaper(paper), (Headers.ReplyToAddress, "EdTech.Academy"));

        var copy = await Audited(paper, "Done");

        copy.Headers[Headers.MessageIntent].ShouldBe("Reply");
        copy.Headers[Headers.RelatedTo].ShouldBe((await Audited(paper, "GradePaper")).Headers[Headers.MessageId]);
    }

    [Fact]
    public async Task The_life_of_a_saga_is_told_step_by_step_with_what_began_it_and_what_it_sent()
    {
        var term = Guid.CreateVersion7();
        await Send(new CountLesson(term), (Headers.ReplyToAddress, "EdTech.Academy"));
        var begun = await Step(term, s => (bool)s["IsNew"]!);
        await _worker.Done(new CountLesson(term));
        var counted = await Step(term, s => State(s)["Lessons"]!.GetValue<int>() == 2);
        await _worker.Done(new RemindMe(term, Seconds: 1));
        await _worker.Event<TermEnded>(e => e.TermId == term);
        var reminded = await Step(term, s => Initiator(s, "RemindMe"));
        var ended = await Step(term, s => (bool)s["IsCompleted"]!);

        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("saga-change"), begun.Wire);
        Fields(begun.Body).ShouldBe(Fields(JsonNode.Parse(WireFormatTests.Captured("saga-change")["body"]!.GetValue<string>())!));
        var saga = Guid.Parse((string)begun.Body["SagaId"]!);
        ((string)begun.Body["SagaType"]!).ShouldBe("EdTech.Academy.TermSaga");
        ((string)begun.Body["Endpoint"]!).ShouldBe("EdTech.Academy");
        ((bool)begun.Body["IsCompleted"]!).ShouldBeFalse();
        State(begun.Body)["Lessons"]!.GetValue<int>().ShouldBe(1);
        var first = await Audited(term, "CountLesson");
        ((string)begun.Body["Initiator"]!["InitiatingMessageId"]!).ShouldBe(first.Headers[Headers.MessageId]);
        ((string)begun.Body["Initiator"]!["MessageType"]!).ShouldBe("EdTech.Contracts.Academy.CountLesson");
        ((string)begun.Body["Initiator"]!["OriginatingEndpoint"]!).ShouldBe("EdTech.Asker");
        var answer = begun.Body["ResultingMessages"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)answer["MessageType"]!).ShouldBe("EdTech.Contracts.Done");
        ((string)answer["Intent"]!).ShouldBe("Reply");
        ((string)answer["ResultingMessageId"]!).ShouldBe((await Audited(term, "Done")).Headers[Headers.MessageId]);
        first.Headers[Headers.InvokedSagas].ShouldBe($"EdTech.Academy.TermSaga:{saga}");
        first.Headers[Headers.SagaStateChange].ShouldBe($"{saga}:New");
        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("audit-copy"), first);

        ((bool)counted.Body["IsNew"]!).ShouldBeFalse();
        (await _probe.Message(m => m.Exchange == "audit" && m.Headers.GetValueOrDefault(Headers.SagaStateChange) == $"{saga}:Updated", "the audit copy of an update")).ShouldNotBeNull();

        var timeout = reminded.Body["ResultingMessages"]!.AsArray().Single(m => ((string)m!["MessageType"]!).EndsWith("TermIsOver", StringComparison.Ordinal))!;
        ((string)timeout["DeliveryDelay"]!).ShouldBe("00:00:01");
        ((string)timeout["Destination"]!).ShouldBe("EdTech.Academy");
        timeout["DeliveryAt"].ShouldBeNull();
        ((bool)ended.Body["Initiator"]!["IsSagaTimeoutMessage"]!).ShouldBeTrue();
        ((string)ended.Body["Initiator"]!["InitiatingMessageId"]!).ShouldBe((string)timeout["ResultingMessageId"]!);
        var published = ended.Body["ResultingMessages"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)published["MessageType"]!).ShouldBe("EdTech.Contracts.Academy.TermEnded");
        ((string)published["Intent"]!).ShouldBe("Publish");
        published["Destination"].ShouldBeNull();
        var copy = await _probe.Message(m => m.Exchange == "audit" && m.Headers.ContainsKey(Headers.IsSagaTimeout) && m.Headers[Headers.SagaId] == saga.ToString(), "the audit copy of the time-out");
        copy.Headers[Headers.SagaStateChange].ShouldBe($"{saga}:Completed");
    }

    [Fact]
    public async Task What_a_failed_or_refused_message_would_have_done_to_a_saga_is_not_told()
    {
        var term = Guid.CreateVersion7();
        await _worker.Refused(new RefuseTerm(term));

        (await Audited(term, "RefuseTerm")).Headers.Keys.ShouldNotContain(Headers.SagaStateChange);
    }

    [Fact]
    public async Task The_endpoint_registers_and_its_heart_beats()
    {
        var captured = WireFormatTests.Captured("startup").AsArray();
        var registered = await Plugin("RegisterEndpointStartup");
        var beat = await Plugin("EndpointHeartbeat");

        WireFormatTests.ShouldHaveTheFormOf(captured[0]!, registered.Wire);
        registered.Wire.Properties.Expiration.ShouldBe("40000");
        Fields(registered.Body).ShouldBe(Fields(JsonNode.Parse(captured[0]!["body"]!.GetValue<string>())!));
        Fields(registered.Body["HostProperties"]!).ShouldBe(["Machine", "PathToExecutable", "ProcessID", "UserName"]);
        WireFormatTests.ShouldHaveTheFormOf(captured[1]!, beat.Wire);
        beat.Wire.Properties.Expiration.ShouldBe("40000");
        Fields(beat.Body).ShouldBe(Fields(JsonNode.Parse(captured[1]!["body"]!.GetValue<string>())!));
        ((string)beat.Body["EndpointName"]!).ShouldBe("EdTech.Academy");
        ((string)beat.Body["HostId"]!).ShouldBe(_host.HostId.ToString("D"));
        ((string)registered.Body["HostId"]!).ShouldBe(_host.HostId.ToString("D"));
        beat.Body["ExecutedAt"]!.GetValue<DateTime>().Kind.ShouldBe(DateTimeKind.Utc);
    }

    [Fact]
    public async Task A_custom_check_fails_with_its_reason_and_passes_again()
    {
        var passed = await Check("Chalk", failed: false);
        File.Delete(fixture.Chalk);
        var failed = await Check("Chalk", failed: true);
        var since = failed.Body["ReportedAt"]!.GetValue<DateTime>();
        await File.WriteAllTextAsync(fixture.Chalk, "white");
        var again = await Check("Chalk", failed: false, since);

        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("startup").AsArray()[2]!, passed.Wire);
        Fields(passed.Body).ShouldBe(Fields(JsonNode.Parse(WireFormatTests.Captured("startup").AsArray()[2]!["body"]!.GetValue<string>())!));
        passed.Wire.Properties.Expiration.ShouldBe("4000");
        ((string)failed.Body["FailureReason"]!).ShouldBe("There is no chalk.");
        ((string)failed.Body["Category"]!).ShouldBe("Classroom");
        again.Body["FailureReason"].ShouldBeNull();
    }

    [Fact]
    public async Task Metrics_tell_times_and_retries_of_each_message_and_where_the_queue_is()
    {
        var (paper, failing) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var before = DateTimeOffset.UtcNow;
        await _worker.Done(new GradePaper(paper));
        await _worker.Done(new FailAtFirst(failing, Times: 2));

        var metadata = await _probe.Message(m => m.Exchange == MonitoringQueue && m.Headers.ContainsKey(Headers.EnclosedMessageTypes), "the metadata report");
        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("metrics-metadata"), metadata);
        metadata.Properties.Expiration.ShouldBe("604800000");
        metadata.Text.ShouldBe("""{"PluginVersion":3,"LocalAddress":"EdTech.Academy"}""");
        // The length of this queue is what the monitoring instance then reads.
        var queue = JsonNode.Parse(await _worker.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{_worker.Infrastructure.Prefix}/EdTech.Academy"))!;
        queue["type"]!.GetValue<string>().ShouldBe("quorum");

        foreach (var (metric, type, least) in new[] { ("ProcessingTime", "GradePaper", 1), ("CriticalTime", "GradePaper", 1), ("Retries", "FailAtFirst", 2) })
        {
            var report = await _probe.Message(m => Reports(m, metric).Any(e => e.Tag.StartsWith($"EdTech.Contracts.Academy.{type},", StringComparison.Ordinal) && e.At > before), $"a report of {metric}");
            WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("metrics-retries"), report);
            var entries = Reports(report, metric).Where(e => e.Tag.Contains(type, StringComparison.Ordinal) && e.At > before).ToArray();
            entries.Length.ShouldBeGreaterThanOrEqualTo(least);
            entries.ShouldAllBe(e => e.At <= DateTimeOffset.UtcNow && e.Value >= 0 && e.Value < 60_000);
            if (metric == "Retries")
            {
                entries.ShouldAllBe(e => e.Value == 1);
            }
        }
    }

    [Fact]
    public async Task A_retried_message_that_succeeds_is_confirmed_and_its_audit_copy_says_so()
    {
        var paper = Guid.CreateVersion7();
        var failed = await Failed(new FailUntilMended(paper, paper), paper);
        Attempts.Mended[paper] = true;

        var unique = await RetryAsServiceControl(failed);

        var confirmation = await Confirmation(unique);
        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("retry-confirmation"), confirmation);
        confirmation.Body.ShouldBeEmpty();
        var copy = await Audited(paper, "FailUntilMended");
        WireFormatTests.ShouldHaveTheFormOf(WireFormatTests.Captured("retry-audit-copy"), copy);
        copy.Properties.MessageId.ShouldBe(failed.Properties.MessageId);
        copy.Headers[Headers.RetryAcknowledgementSent].ShouldBe("true");
        copy.Headers[Headers.RetryUniqueMessageId].ShouldBe(unique);
        (await Papers(paper)).ShouldBe(1);

        // Retried twice, by two operators: done once, and confirmed again.
        await RetryAsServiceControl(failed);
        await WorkerUnderTest.Until(() => _probe.Received.Count(m => IsConfirmation(m, unique)) == 2, "the second retry is confirmed");
        (await Papers(paper)).ShouldBe(1);
    }

    [Fact]
    public async Task A_retried_message_that_fails_again_tells_of_its_second_failure()
    {
        var paper = Guid.CreateVersion7();
        var failed = await Failed(new FailAlways(paper), paper);
        var attempts = Attempts.Of(paper);

        var unique = await RetryAsServiceControl(failed);

        var again = await _probe.Message(m => IsFailure(m, paper) && m.Headers.ContainsKey(Headers.RetryUniqueMessageId), "the second failure");
        again.Headers.Keys.Order(StringComparer.Ordinal).ShouldBe([.. failed.Headers.Keys.Concat([Headers.RetryUniqueMessageId, Headers.RetryAcknowledgementQueue]).Order(StringComparer.Ordinal)]);
        again.Properties.MessageId.ShouldBe(failed.Properties.MessageId);
        again.Headers[Headers.RetryUniqueMessageId].ShouldBe(unique);
        again.Headers[Headers.RetryAcknowledgementQueue].ShouldBe("error");
        again.Headers[Headers.FailedQ].ShouldBe("EdTech.Academy");
        WireTime.FromWire(again.Headers[Headers.TimeOfFailure])!.Value.ShouldBeGreaterThan(WireTime.FromWire(failed.Headers[Headers.TimeOfFailure])!.Value);
        // All its tries again: immediate ones, and the delayed one.
        Attempts.Of(paper).ShouldBe(2 * attempts);
        _probe.Received.ShouldNotContain(m => IsConfirmation(m, unique));
    }

    [Fact]
    public async Task An_exception_longer_than_a_frame_of_headers_still_brings_its_message_to_the_error_queue()
    {
        var paper = Guid.CreateVersion7();

        var failed = await Failed(new FailAtLength(paper), paper);

        Encoding.UTF8.GetByteCount(failed.Headers[Headers.ExceptionMessage]).ShouldBeInRange(16_000, 16_384);
        failed.Headers[Headers.ExceptionMessage].ShouldAllBe(c => c == '漢');
        failed.Headers[Headers.ExceptionStackTrace].ShouldStartWith("EdTech.Hosting.UnrecoverableException: 漢");
    }

    [Fact]
    public async Task Messages_retried_together_are_confirmed_one_by_one()
    {
        await using var worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.BuildBatching, ("EDTECH_SERVICECONTROL", "1"));
        await worker.Probe.TakeFrom("error");
        await worker.Probe.TakeFrom("audit");
        var papers = Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7()).ToArray();
        var fault = Guid.CreateVersion7();
        await Task.WhenAll(papers.Select(p => Publish(worker, new FailUntilMended(p, fault), [])));
        var failed = await Task.WhenAll(papers.Select(p => worker.Probe.Message(m => IsFailure(m, p), "the failed message")));
        Attempts.Mended[fault] = true;

        var uniques = await Task.WhenAll(failed.Select(m => RetryAsServiceControl(worker, m)));

        await Task.WhenAll(uniques.Select(u => worker.Probe.Message(m => IsConfirmation(m, u), "the confirmation")));
        var copies = await Task.WhenAll(uniques.Select(u => worker.Probe.Message(m => m.Exchange == "audit" && m.Headers.GetValueOrDefault(Headers.RetryUniqueMessageId) == u, "the audit copy")));
        copies.ShouldAllBe(c => c.Headers[Headers.RetryAcknowledgementSent] == "true");
        await using var connection = await worker.Db.OpenConnectionAsync();
        (await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper WHERE paper_id = ANY(@papers)", new { papers })).ShouldBe(60);
        // Some shared a transaction.
        (await connection.ExecuteScalarAsync<int>("SELECT count(DISTINCT xmin::text) FROM academy.paper")).ShouldBeLessThan(60);
    }

    [Fact]
    public async Task Queues_that_are_missing_or_full_hold_nothing_up()
    {
        await using var worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build, ("EDTECH_SERVICECONTROL", "1"));
        // Neither Particular.ServiceControl nor Particular.Monitoring is there; audit takes one message and refuses all others.
        await worker.Infrastructure.Manage(HttpMethod.Put, $"/api/policies/{worker.Infrastructure.Prefix}/full", """{"pattern":"^audit$","apply-to":"queues","definition":{"max-length":1,"overflow":"reject-publish"}}""");
        var papers = Enumerable.Range(0, 500).Select(_ => Guid.CreateVersion7()).ToArray();

        await Task.WhenAll(papers.Select(p => worker.Done(new GradePaper(p))));
        var paper = Guid.CreateVersion7();
        await Publish(worker, new GradePaper(paper), [(Headers.RetryUniqueMessageId, Guid.NewGuid().ToString()), (Headers.RetryAcknowledgementQueue, "Nobody.Is.There")]);

        await worker.Event<PaperGraded>(e => e.PaperId == paper);
        await WorkerUnderTest.Until(async () => await Messages(worker) == 0, "every message is acknowledged");
    }

    [Fact]
    public async Task A_line_that_takes_nothing_costs_reports_and_no_time()
    {
        await using var line = new FragileLine(new Uri(_worker.Infrastructure.RabbitMq)) { Silent = true };
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { ["EDTECH_SERVICECONTROL"] = "1", ["EDTECH_RABBITMQ"] = line.Address.ToString() };
        await using var serviceControl = new ServiceControl(configuration, _host, new MessageTypes(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        serviceControl.Start();
        var message = new IncomingMessage(null, 1, false, new(StringComparer.Ordinal) { [Headers.MessageId] = "m-1", [Headers.EnclosedMessageTypes] = "A.B" }, new byte[100], DateTimeOffset.UtcNow);

        for (var i = 0; i < 100_000; i++)
        {
            // Done at once: there is nothing to await.
            serviceControl.Processed(message, null, DateTimeOffset.UtcNow, TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken).IsCompletedSuccessfully.ShouldBeTrue();
        }

        await serviceControl.Stop().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void An_instance_is_the_same_after_a_restart_and_another_than_its_neighbour()
    {
        var named = Identity("EdTech.Academy", "slot-1");
        named.ShouldBe(Identity("EdTech.Academy", "slot-1"));
        named.DisplayName.ShouldBe("slot-1");
        Identity("EdTech.Academy", "slot-2").HostId.ShouldNotBe(named.HostId);
        Identity("EdTech.Users", "slot-1").HostId.ShouldNotBe(named.HostId);
        Identity("EdTech.Academy", null).ShouldBe(Identity("EdTech.Academy", null));
        Identity("EdTech.Academy", null).HostId.ShouldBe(_host.HostId);

        static HostIdentity Identity(string endpoint, string? instance)
            => HostIdentity.Of(endpoint, endpoint, new Microsoft.Extensions.Configuration.ConfigurationManager { ["EDTECH_INSTANCE"] = instance });
    }

    HostIdentity _host => _worker.Host.Services.GetService(typeof(EndpointRuntime)).ShouldBeOfType<EndpointRuntime>().Host;

    Task<WireMessage> Audited(Guid id, string type)
        => _probe.Message(m => m.Exchange == "audit" && m.Properties.Type?.EndsWith("." + type, StringComparison.Ordinal) == true && m.Text.Contains(id.ToString(), StringComparison.Ordinal), $"the audit copy of {type}");

    async Task<(WireMessage Wire, JsonNode Body)> Step(Guid term, Func<JsonNode, bool> wanted)
    {
        var wire = await _probe.Message(
            m => m.Exchange == "audit" && m.Properties.Type == "ServiceControl.EndpointPlugin.Messages.SagaState.SagaUpdatedMessage"
                && JsonNode.Parse(m.Body)! is var step && State(step)["TermId"]!.GetValue<Guid>() == term && wanted(step),
            "the step of the saga");
        return (wire, JsonNode.Parse(wire.Body)!);
    }

    async Task<(WireMessage Wire, JsonNode Body)> Plugin(string type)
    {
        var wire = await _probe.Message(m => m.Exchange == ServiceControlQueue && m.Properties.Type == "ServiceControl.Plugin.Heartbeat.Messages." + type, type);
        return (wire, JsonNode.Parse(wire.Body)!);
    }

    async Task<(WireMessage Wire, JsonNode Body)> Check(string id, bool failed, DateTime after = default)
    {
        var wire = await _probe.Message(
            m => m.Exchange == ServiceControlQueue && m.Properties.Type == "ServiceControl.Plugin.CustomChecks.Messages.ReportCustomCheckResult"
                && JsonNode.Parse(m.Body)! is var result && (string)result["CustomCheckId"]! == id && (bool)result["HasFailed"]! == failed && result["ReportedAt"]!.GetValue<DateTime>() > after,
            $"{id} {(failed ? "failing" : "passing")}");
        return (wire, JsonNode.Parse(wire.Body)!);
    }

    /// <summary>Decodes a value report; nothing for other messages.</summary>
    static List<(DateTimeOffset At, string Tag, long Value)> Reports(WireMessage message, string metric)
    {
        List<(DateTimeOffset At, string Tag, long Value)> entries = [];
        if (message.Exchange != MonitoringQueue || message.Headers.GetValueOrDefault("NServiceBus.Metric.Type") != metric)
        {
            return entries;
        }

        using var reader = new BinaryReader(new MemoryStream(message.Body));
        reader.ReadInt64().ShouldBe(1);
        var start = reader.ReadInt64();
        var tags = new Dictionary<int, string>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            tags.Add(reader.ReadInt32(), Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32())));
        }

        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            entries.Add((new DateTimeOffset(start + reader.ReadInt32(), TimeSpan.Zero), tags[reader.ReadInt32()], reader.ReadInt64()));
        }

        reader.BaseStream.Position.ShouldBe(reader.BaseStream.Length);
        return entries;
    }

    async Task<WireMessage> Failed(ICommand command, Guid paper)
    {
        await Send(command, (Headers.ReplyToAddress, "EdTech.Academy"));
        return await _probe.Message(m => IsFailure(m, paper), "the failed message");
    }

    Task<WireMessage> Confirmation(string unique) => _probe.Message(m => IsConfirmation(m, unique), "the confirmation");

    static bool IsFailure(WireMessage message, Guid paper) => message.Exchange == "error" && message.Text.Contains(paper.ToString(), StringComparison.Ordinal);

    static bool IsConfirmation(WireMessage message, string unique)
        => message.Exchange == "error" && message.Headers.ContainsKey(Headers.RetrySuccessful) && message.Headers[Headers.RetryUniqueMessageId] == unique;

    Task<string> RetryAsServiceControl(WireMessage failed) => RetryAsServiceControl(_worker, failed);

    /// <summary>Sends a failed message back as ServiceControl does: under its unique id, with its first headers and two of ServiceControl's own.</summary>
    static async Task<string> RetryAsServiceControl(WorkerUnderTest worker, WireMessage failed)
    {
        string[] removed = [Headers.Retries, Headers.FailedQ, Headers.TimeOfFailure, "NServiceBus.ExceptionInfo.", "ServiceControl.EditOf", "x-dotnet-pub-seq-no"];
        var headers = failed.Headers.Where(h => !removed.Any(r => h.Key.StartsWith(r, StringComparison.Ordinal))).ToDictionary(StringComparer.Ordinal);
        var unique = headers[Headers.RetryUniqueMessageId] = headers.GetValueOrDefault(Headers.RetryUniqueMessageId)
#pragma warning disable CA5351 // ServiceControl makes its ids so.
            ?? new Guid(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(headers[Headers.MessageId] + headers[Headers.ProcessingEndpoint]))).ToString();
#pragma warning restore CA5351
        headers[Headers.RetryAcknowledgementQueue] = "error";
        var properties = Publisher.PropertiesOf(headers);
        properties.MessageId = unique;
        await worker.Probe.Channel.BasicPublishAsync(failed.Headers[Headers.FailedQ], "", mandatory: true, properties, failed.Body);
        return unique;
    }

    Task<string> Send(ICommand command, params (string Name, string Value)[] headers) => Publish(_worker, command, headers);

    static async Task<string> Publish(WorkerUnderTest worker, ICommand command, (string Name, string Value)[] headers)
    {
        var id = Guid.CreateVersion7().ToString();
        var table = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Headers.MessageId] = id,
            [Headers.MessageIntent] = "Send",
            [Headers.ConversationId] = Guid.CreateVersion7().ToString(),
            [Headers.CorrelationId] = id,
            [Headers.OriginatingMachine] = "vm",
            [Headers.OriginatingEndpoint] = "EdTech.Asker",
            [Headers.OriginatingHostId] = Guid.NewGuid().ToString("N"),
            [Headers.ContentType] = "application/json",
            [Headers.EnclosedMessageTypes] = command.GetType().AssemblyQualifiedName!,
            [Headers.Version] = "10.2.8",
            [Headers.StartNewTrace] = "False",
            [Headers.TimeSent] = WireTime.ToWire(DateTimeOffset.UtcNow),
        };
        foreach (var (name, value) in headers)
        {
            table[name] = value;
        }

        await worker.Probe.Channel.BasicPublishAsync("EdTech.Academy", "", mandatory: true, Publisher.PropertiesOf(table), JsonSerializer.SerializeToUtf8Bytes(command, command.GetType()));
        return id;
    }

    async Task<int> Papers(Guid paper)
    {
        await using var connection = await _worker.Db.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper WHERE paper_id = @paper", new { paper });
    }

    static async Task<int> Messages(WorkerUnderTest worker)
        => JsonNode.Parse(await worker.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{worker.Infrastructure.Prefix}/EdTech.Academy"))!["messages"]?.GetValue<int>() ?? -1;

    static JsonNode State(JsonNode step) => JsonNode.Parse((string)step["SagaState"]!)!;

    static bool Initiator(JsonNode step, string type) => ((string)step["Initiator"]!["MessageType"]!).EndsWith("." + type, StringComparison.Ordinal);

    static string[] Fields(JsonNode body) => [.. body.AsObject().Select(f => f.Key).Order(StringComparer.Ordinal)];
}
