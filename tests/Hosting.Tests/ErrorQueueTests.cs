using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using EdTech.Academy;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using RabbitMQ.Client;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>What <c>ops/errors</c> does to the error queue: the program itself, on messages that an endpoint really put there.</summary>
public sealed class ErrorQueueTests : IAsyncLifetime
{
    WorkerUnderTest _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.BuildBatching);
        await _worker.Probe.Listen("error");
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Looking_tells_what_failed_without_bodies_and_changes_nothing_however_often()
    {
        await Fail(12);

        var first = await Errors("list", "--last", "5");
        for (var i = 0; i < 30; i++)
        {
            (await Errors("list", "--last", "5")).ShouldBe(first);
        }

        first.Code.ShouldBe(0);
        first.Lines.Length.ShouldBe(5);
        var all = (await Errors("list")).Lines;
        all.Length.ShouldBe(12);
        all[^5..].ShouldBe(first.Lines);
        all.Select(l => l.Split("  ")[0]).ShouldBeInOrder();
        all[^1].ShouldContain("  EdTech.Academy  EdTech.Contracts.Academy.FailUntilMended  System.InvalidOperationException: Paper ");
        all.ShouldAllBe(l => !l.Contains("PaperId", StringComparison.Ordinal));
        (await Queued("error")).ShouldBe(12);

        var id = all[3].Split("  ")[1];
        var shown = await Errors("show", id);
        shown.Output.ShouldContain("NServiceBus.FailedQ: EdTech.Academy");
        shown.Output.ShouldContain("   at EdTech.Academy.FailingHandlers.Handle(FailUntilMended");
        shown.Output.ShouldNotContain("\"PaperId\"");
        (await Errors("show", id, "--body")).Output.ShouldContain("\"PaperId\"");
        (await Errors("list")).Lines.ShouldBe(all);
        (await Errors("list", "--endpoint", "EdTech.Nobody")).Lines.ShouldBeEmpty();
        (await Errors("list", "--type", "FailUntilMended")).Lines.ShouldBe(all);
    }

    [Fact]
    public async Task An_id_that_is_not_there_stops_the_retry_before_it_sends_anything()
    {
        await Fail(2);
        var id = (await Errors("list")).Lines[0].Split("  ")[1];

        var refused = await Errors("retry", id, "no-such-id");

        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("Not in the error queue: no-such-id. Nothing was done.");
        (await Errors("list")).Lines.Length.ShouldBe(2);
        (await Errors("retry")).Error.ShouldContain("Say which");
        (await Errors("show", "no-such-id")).Code.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_sent_back_leaves_the_queue_and_arrives_as_it_first_was()
    {
        var papers = await Fail(3);
        var lines = (await Errors("list")).Lines;
        var id = lines[1].Split("  ")[1];
        var failed = await _worker.Probe.Message(m => m.Headers.GetValueOrDefault(Headers.MessageId) == id && m.Exchange == "error", "the failed message");
        var paper = papers.Single(p => failed.Text.Contains(p.ToString(), StringComparison.Ordinal));
        await _worker.Probe.Listen("EdTech.Academy");
        Attempts.Mended[_fault] = true;

        var retried = await Errors("retry", id);

        retried.ShouldBe(new(0, $"{id} → EdTech.Academy\n1 of 1 sent back\n", ""));
        var back = await _worker.Probe.Message(m => m.Exchange == "EdTech.Academy" && m.Headers.GetValueOrDefault(Headers.MessageId) == id, "the message on its way back");
        back.Properties.MessageId.ShouldBe(id);
        back.Properties.Type.ShouldBe(failed.Properties.Type);
        back.Properties.DeliveryMode.ShouldBe(DeliveryModes.Persistent);
        back.Body.ShouldBe(failed.Body);
        back.Headers.Keys.Order(StringComparer.Ordinal).ShouldBe(failed.Headers.Keys
            .Where(h => !h.StartsWith("NServiceBus.ExceptionInfo.", StringComparison.Ordinal) && h is not (Headers.FailedQ or Headers.TimeOfFailure or Headers.RetriesTimestamp or Headers.Retries))
            .Order(StringComparer.Ordinal));
        await Graded([paper]);
        (await Errors("list")).Lines.ShouldBe([lines[0], lines[2]]);

        (await Errors("retry", "--type", "FailUntilMended", "--endpoint", "EdTech.Academy")).Output.ShouldEndWith("2 of 2 sent back\n");
        await Graded(papers);
        (await Errors("list")).Lines.ShouldBeEmpty();
        (await Errors("retry", "--all")).ShouldBe(new(0, "0 of 0 sent back\n", ""));
    }

    [Fact]
    public async Task What_cannot_be_sent_back_stays_and_confirmations_are_left_to_ServiceControl()
    {
        await Fail(1);
        await Publish(m => m[Headers.FailedQ] = "EdTech.Gone");
        await Publish(m => m.Remove(Headers.FailedQ));
        await Publish(m => m[Headers.RetrySuccessful] = WireTime.ToWire(DateTimeOffset.UtcNow));
        Attempts.Mended[_fault] = true;

        var retried = await Errors("retry", "--all");

        retried.Code.ShouldBe(1);
        retried.Output.ShouldContain("stays: there is no EdTech.Gone on this broker");
        retried.Output.ShouldContain("stays: it has no header NServiceBus.FailedQ");
        retried.Output.ShouldEndWith("1 of 3 sent back\n");
        await WorkerUnderTest.Until(async () => await Queued("error") == 3, "the others are back");
        (await Errors("list")).Error.ShouldContain("1 confirmations of retries");
    }

    [Fact]
    public async Task A_retry_that_is_killed_loses_nothing_and_what_it_sent_twice_is_done_once()
    {
        const int Many = 3_000;
        var failed = await Fail(1);
        var papers = Enumerable.Range(0, Many).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var some in papers.Chunk(500))
        {
            await Task.WhenAll(some.Select(p => Publish(_ => { }, new FailUntilMended(p, _fault))));
        }

        await WorkerUnderTest.Until(async () => await Queued("error") == Many + 1, "the error queue has them all");
        Attempts.Mended[_fault] = true;
        await _worker.Probe.Listen("EdTech.Academy");
        var killed = 0;
        for (var kills = 1; kills <= 3; kills++)
        {
            using var retry = Start("retry", "--all");
            var reach = kills * 400;
            await WorkerUnderTest.Until(() => Sent() >= reach || retry.HasExited, "some are sent back");
            retry.Kill(); // SIGKILL
            await retry.WaitForExitAsync(TestContext.Current.CancellationToken);
            killed += retry.ExitCode == 137 ? 1 : 0;
        }

        killed.ShouldBeGreaterThan(0);
        // The broker gives back what the dead one held.
        await WorkerUnderTest.Until(async () => await Queued("error") >= Many + 1 - Sent(), "what was held is back in the queue");
        await WorkerUnderTest.Until(async () => (await Errors("retry", "--all")).Output.StartsWith("0 of 0", StringComparison.Ordinal), "nothing is left to retry");

        await Graded([.. failed, .. papers]);
        await WorkerUnderTest.Until(async () => await Queued("EdTech.Academy") == 0, "all is handled");
        (await Queued("error")).ShouldBe(0);
        await using var connection = await _worker.Db.OpenConnectionAsync();
        (await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper")).ShouldBe(Many + 1);
        Sent().ShouldBeGreaterThanOrEqualTo(Many + 1);
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{Sent() - Many - 1} of {Many} messages were sent back twice"));

        int Sent() => _worker.Probe.Received.Count(m => m.Exchange == "EdTech.Academy");
    }

    [Fact]
    public async Task An_export_is_one_JSON_object_a_line_for_its_owner_alone()
    {
        var papers = await Fail(3);
        var file = Path.Combine(Directory.CreateTempSubdirectory("errors").FullName, "errors.jsonl");

        (await Errors("export", file)).Code.ShouldBe(0);

        var lines = (await File.ReadAllLinesAsync(file)).Select(l => JsonNode.Parse(l)!).ToArray();
        lines.Select(l => JsonNode.Parse((string)l["body"]!)!["PaperId"]!.GetValue<Guid>()).Order().ShouldBe(papers.Order());
        lines.ShouldAllBe(l => (string)l["headers"]![Headers.FailedQ]! == "EdTech.Academy" && (string)l["endpoint"]! == "EdTech.Academy");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        (await Errors("export", file)).Code.ShouldBe(1); // never over another file
        (await Queued("error")).ShouldBe(3);
        File.Delete(file);
    }

    [Fact]
    public async Task A_queue_that_deletes_what_was_looked_at_often_is_not_looked_at()
    {
        await Fail(1);
        await _worker.Infrastructure.Manage(HttpMethod.Put, $"/api/policies/{_worker.Infrastructure.Prefix}/limit", """{"pattern":"^error$","apply-to":"queues","definition":{"delivery-limit":3}}""");
        await WorkerUnderTest.Until(async () => (await Queue("error"))["effective_policy_definition"]?["delivery-limit"]?.GetValue<int>() == 3, "the policy applies");

        for (var i = 0; i < 6; i++)
        {
            var refused = await Errors("list");
            refused.Code.ShouldBe(1);
            refused.Error.ShouldContain("looked at 3 times");
            refused.Error.ShouldContain("rabbitmqctl set_policy -p " + _worker.Infrastructure.Prefix);
        }

        (await Queued("error")).ShouldBe(1);
    }

    readonly Guid _fault = Guid.CreateVersion7();

    /// <summary>Has commands fail for good, one after another.</summary>
    async Task<Guid[]> Fail(int commands)
    {
        var papers = Enumerable.Range(0, commands).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var paper in papers)
        {
            await _worker.Send(new FailUntilMended(paper, _fault));
            await _worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(paper.ToString(), StringComparison.Ordinal), "the failed message");
        }

        await WorkerUnderTest.Until(async () => await Queued("error") >= commands, "the error queue has them");
        return papers;
    }

    /// <summary>Puts a message into the error queue that is like one that failed, with another id.</summary>
    async Task Publish(Action<Dictionary<string, string>> change, FailUntilMended? command = null)
    {
        var failed = await _worker.Probe.Message(m => m.Exchange == "error" && m.Headers.ContainsKey(Headers.FailedQ), "a failed message");
        var headers = failed.Headers.Where(h => h.Key != "x-dotnet-pub-seq-no").ToDictionary(StringComparer.Ordinal);
        headers[Headers.MessageId] = Guid.CreateVersion7().ToString();
        change(headers);
        await _worker.Probe.Channel.BasicPublishAsync("error", "", mandatory: true, Publisher.PropertiesOf(headers), command is null ? failed.Body : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(command));
    }

    async Task Graded(IReadOnlyCollection<Guid> papers)
        => await WorkerUnderTest.Until(
            async () =>
            {
                await using var connection = await _worker.Db.OpenConnectionAsync();
                return await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper WHERE paper_id = ANY(@papers)", new { papers = papers.ToArray() }) == papers.Count;
            },
            "every paper is graded");

    async Task<JsonNode> Queue(string name) => JsonNode.Parse(await _worker.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{_worker.Infrastructure.Prefix}/{name}"))!;

    /// <summary>How many messages wait in a queue.</summary>
    async Task<int> Queued(string name) => (int)(await _worker.Probe.Channel.QueueDeclarePassiveAsync(name)).MessageCount;

    Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        start.Environment["EDTECH_RABBITMQ"] = _worker.Infrastructure.RabbitMq;
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "EdTech.Tools.dll"));
        start.ArgumentList.Add("errors");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    sealed record Ran(int Code, string Output, string Error)
    {
        public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    async Task<Ran> Errors(params string[] arguments)
    {
        using var process = Start(arguments);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return new Ran(process.ExitCode, await output, await error);
    }
}
