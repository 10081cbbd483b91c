using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Npgsql;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>The operators' files with a real Prometheus: its rules fire when they should, and no rule or dashboard asks for what is not there.</summary>
[Collection("what operators see")]
public sealed partial class WatchWithPrometheus(WatchedPlatform watched) : IAsyncDisposable
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    static readonly string Operators = Path.Combine(FaultyStack.Repository, "ops", "operators");
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edtech-prometheus-");
    readonly List<Process> _running = [];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    public async Task Configuration_and_rules_pass_promtool(string verb, string what, string file)
    {
        SkipWithoutPrometheus();
        var start = new ProcessStartInfo("promtool", [verb, what, file]) { UseShellExecute = false, WorkingDirectory = Operators, RedirectStandardOutput = true, RedirectStandardError = true };
        using var promtool = Process.Start(start)!;
        var (output, errors) = (promtool.StandardOutput.ReadToEndAsync(Ct), promtool.StandardError.ReadToEndAsync(Ct));
        await promtool.WaitForExitAsync(Ct);
        promtool.ExitCode.ShouldBe(0, $"{await output}{await errors}");
    }

    [Fact]
    public async Task Every_rule_and_every_panel_finds_its_metrics()
    {
        SkipWithoutPrometheus();
        await SomethingHappens();
        var prometheus = await StartPrometheus();
        var panels = Directory.EnumerateFiles(Path.Combine(Operators, "dashboards"), "*.json")
            .SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray()
                .Select(t => (Panel: $"{Path.GetFileName(file)}: {panel["title"]}", Query: t!["expr"]!.GetValue<string>(), Legend: t["legendFormat"]!.GetValue<string>()))))
            .ToArray();
        var rules = (await Get(prometheus, "rules"))["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Select(r => (Name: r!["name"]!.GetValue<string>(), Query: r["query"]!.GetValue<string>())).ToArray();
        rules.Length.ShouldBeGreaterThan(10);
        panels.Length.ShouldBeGreaterThan(40);

        string[] missing = ["not asked yet"];
        await Patiently(
            async () =>
            {
                var known = (await Get(prometheus, "label/__name__/values")).AsArray().Select(n => n!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
                missing = [.. panels.Select(p => (p.Panel, p.Query)).Concat(rules).SelectMany(q => MetricsOf(q.Query).Where(m => !known.Contains(m)).Select(m => $"{q.Item1}: there is no {m}"))];
                return missing.Length == 0;
            },
            () => missing);
        await Patiently(
            async () =>
            {
                List<string> wrong = [];
                foreach (var (panel, query, legend) in panels)
                {
                    var series = (await Get(prometheus, $"query?query={Uri.EscapeDataString(query)}"))["result"]!.AsArray();
                    // No request has failed or was turned away here.
                    if (series.Count == 0 && !query.Contains("http_response_status_code=", StringComparison.Ordinal)) wrong.Add($"{panel}: nothing is shown by {query}");
                    wrong.AddRange(Label().Matches(legend).Select(l => l.Groups["label"].Value).Where(l => series.Count > 0 && series.All(s => s!["metric"]![l] is null)).Select(l => $"{panel}: no series has the label {l}"));
                }

                missing = [.. wrong];
                return missing.Length == 0;
            },
            () => missing);
        (await Get(prometheus, "rules"))["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Where(r => r!["health"]!.GetValue<string>() == "err").ShouldBeEmpty();
        (await Get(prometheus, "targets"))["activeTargets"]!.AsArray().Where(t => t!["health"]!.GetValue<string>() != "up").ShouldBeEmpty();
    }

    static void SkipWithoutPrometheus()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prometheus"), "Prometheus is not here: ops/stack prometheus installs it.");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EDTECH_RABBITMQ_METRICS") is { Length: > 0 }, "EDTECH_RABBITMQ_METRICS is not set: where is the broker's /metrics?");
    }

    /// <summary>A purchase that waits for its payment (an open saga) and a message in a conversation (a stream that is read).</summary>
    async Task SomethingHappens()
    {
        var tutor = await Person.Register(watched.Platform, tutor: true);
        var student = await Person.Register(watched.Platform);
        var (course, _, _) = await LogsHoldNoPerson.Course(tutor, new { minorUnits = 2000, currency = "EUR" });
        JsonNode? quote = null;
        await WorkerUnderTest.Until(
            async () =>
            {
                using var response = await student.Send(HttpMethod.Post, "/v1/quotes", new { kind = "course", itemId = course });
                quote = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct));
                return response.IsSuccessStatusCode;
            },
            "the course is for sale");
        await student.Expect(201, HttpMethod.Post, "/v1/purchases", new { kind = "course", quoteId = quote!["id"]!.GetValue<Guid>() });
        var group = (await tutor.Post("/v1/conversations", new { kind = "group", title = "Moss", memberIds = new[] { student.Id } }))["id"]!.GetValue<Guid>();
        await tutor.Post($"/v1/conversations/{group}/messages", new { text = "Moss has no roots." });
    }

    /// <summary>The operators' configuration, with the addresses of what runs here, asking every second.</summary>
    async Task<Uri> StartPrometheus()
    {
        var (postgres, machine) = (Infrastructure.FreePort(), Infrastructure.FreePort());
        var database = new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES"));
        Run("prometheus-postgres-exporter", [$"--web.listen-address=127.0.0.1:{postgres}"],
            ("DATA_SOURCE_NAME", $"postgresql://{Uri.EscapeDataString(database.Username!)}:{Uri.EscapeDataString(database.Password!)}@{database.Host}:{database.Port}/postgres?sslmode=disable"));
        Run("prometheus-node-exporter", [$"--web.listen-address=127.0.0.1:{machine}"]);

        var configuration = await File.ReadAllTextAsync(Path.Combine(Operators, "prometheus.yml"), Ct);
        foreach (var (name, address) in new[]
        {
            ("gateway", watched.Metrics.Authority), ("rabbitmq", new Uri(Infrastructure.Setting("EDTECH_RABBITMQ_METRICS")).Authority), ("postgres-exporter", $"127.0.0.1:{postgres}"), ("node-exporter", $"127.0.0.1:{machine}"),
        })
        {
            configuration = Regex.Replace(configuration, $"targets: \\[\"{name}:.*\\]", $"targets: [\"{address}\"]", RegexOptions.None, TimeSpan.FromSeconds(1));
        }

        configuration = configuration.Replace("vhost: [\"/\"]", $"vhost: [\"{watched.Platform.Infrastructure.Prefix}\"]", StringComparison.Ordinal).Replace("15s", "1s", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "prometheus.yml"), configuration, Ct);
        File.Copy(Path.Combine(Operators, "alerts.yml"), Path.Combine(_folder.FullName, "alerts.yml"));
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        Run("prometheus", [$"--config.file={_folder.FullName}/prometheus.yml", $"--storage.tsdb.path={_folder.FullName}/data", "--storage.tsdb.retention.time=1h", $"--web.listen-address={url.Authority}", "--log.level=warn"]);
        await WorkerUnderTest.Until(
            async () =>
            {
                try
                {
                    using var ready = await Http.GetAsync(new Uri(url, "/-/ready"), Ct);
                    return ready.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "Prometheus is ready");
        return url;
    }

    void Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _running.Add(process);
    }

    static async Task<JsonNode> Get(Uri prometheus, string path)
    {
        using var response = await Http.GetAsync(new Uri(prometheus, $"/api/v1/{path}"), Ct);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!;
        answer["status"]!.GetValue<string>().ShouldBe("success", $"{path}: {answer}");
        return answer["data"]!;
    }

    static async Task Patiently(Func<Task<bool>> condition, Func<string[]> failures)
    {
        try
        {
            await WorkerUnderTest.Until(condition, "everything is found");
        }
        catch (TimeoutException)
        {
            failures().ShouldBeEmpty();
        }
    }

    /// <summary>What stands in a query after labels, texts, ranges, functions and operators are taken away.</summary>
    static IEnumerable<string> MetricsOf(string query) => Word().Matches(NoMetric().Replace(query, " ")).Select(w => w.Value).Where(w => w is not ("and" or "or" or "unless" or "offset" or "bool")).Distinct(StringComparer.Ordinal);

    [GeneratedRegex("""\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NoMetric();

    [GeneratedRegex(@"\b[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()", RegexOptions.None, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"\{\{(?<label>\w+)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
