using System.Net;
using System.Text.RegularExpressions;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>What Prometheus is shown, and who else is not.</summary>
[Collection("what operators see")]
public sealed partial class MetricsAreShown(WatchedPlatform watched)
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task A_process_shows_the_metrics_of_all_its_parts_under_few_labels()
    {
        var tutor = await Person.Register(watched.Platform, tutor: true);
        await tutor.Post("/v1/courses", Requests.Course("Metrics of moss"));
        string[] wanted =
        [
            "messaging_client_consumed_messages_total{", "messaging_process_duration_seconds_bucket{", "edtech_messaging_critical_time_seconds_bucket{", "edtech_messaging_in_flight{",
            "edtech_messaging_outbox_backlog{", "edtech_messaging_outbox_age_seconds{", "edtech_session_pending{", "edtech_stream_appended_total{", "edtech_stream_lag{",
            "http_server_request_duration_seconds_bucket{", "kestrel_active_connections{", "db_client_connection_count{", "dotnet_gc_collections_total{",
        ];
        var (shown, missing) = ("", wanted);
        try
        {
            await WorkerUnderTest.Until(
                async () =>
                {
                    shown = await Http.GetStringAsync(new Uri(watched.Metrics, "/metrics"));
                    missing = [.. wanted.Where(w => !shown.Contains("\n" + w, StringComparison.Ordinal))];
                    return missing.Length == 0;
                },
                "every metric is shown");
        }
        catch (TimeoutException)
        {
            missing.ShouldBeEmpty(shown);
        }

        shown.ShouldContain("http_route=\"/v1/courses\"");
        shown.ShouldNotContain(tutor.Id.ToString());
        shown.Split('\n').Where(line => !line.StartsWith("target_info", StringComparison.Ordinal) && Id().IsMatch(line)).ShouldBeEmpty("a label that holds ids has as many series as there are ids");
        shown.ShouldNotContain("Password=");
    }

    [Fact]
    public async Task The_public_address_shows_none()
    {
        foreach (var path in new[] { "/metrics", "/v1/metrics", "/internal/metrics" })
        {
            using var response = await watched.Platform.Http.GetAsync(new Uri(path, UriKind.Relative));
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using var live = await Http.GetAsync(new Uri(watched.Metrics, "/v1/courses"));
        live.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Id();
}
