using System.Collections.Concurrent;
using System.Diagnostics;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>What one person caused is one trace, over HTTP, internal REST, SQL, bus and Kafka: each span hangs below the one that caused it.</summary>
[Collection("what operators see")]
public sealed class TraceALearner(WatchedPlatform watched)
{
    [Fact]
    public async Task From_the_click_to_the_certificate_in_Kafka_is_one_tree()
    {
        var tutor = await Person.Register(watched.Platform, tutor: true);
        var (course, article, quiz) = await LogsHoldNoPerson.Course(tutor, price: null);
        var student = await Person.Register(watched.Platform);

        using var click = new Activity("click").SetIdFormat(ActivityIdFormat.W3C);
        click.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        var requests = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal); // our own, which are the parents of the gateway's spans
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = request => requests.TryAdd(request.SpanId.ToHexString(), true),
        };
        ActivitySource.AddActivityListener(listener);
        click.Start();
        await LogsHoldNoPerson.Learn(student, course, article, quiz);
        click.Stop();

        var trace = click.TraceId.ToHexString();
        var spans = new Dictionary<string, ExportedSpan>(StringComparer.Ordinal);
        string[] submission = ["POST /v1/attempts/{attemptId}/submission", "process EdTech.Learning SubmitQuiz", "process EdTech.Analytics CertificateIssued", $"send {watched.Platform.Infrastructure.Prefix}.learning.events"];
        string[] lesson = ["POST /v1/courses/{courseId}/lessons/{lessonId}/complete", "process EdTech.Learning CompleteLesson", "process EdTech.Analytics LessonCompleted", submission[^1]];
        string[] read = ["GET /v1/courses/{courseId}/lessons/{lessonId}", "GET", "GET /internal/learning/courses/{courseId:guid}/lessons/{lessonId:guid}/study", "SQL"];
        string[][] wanted = [submission, lesson, read];
        try
        {
            await WorkerUnderTest.Until(
                () =>
                {
                    spans = watched.Otlp.Spans.Where(s => s.Trace == trace).ToDictionary(s => s.Id, StringComparer.Ordinal);
                    return wanted.All(w => spans.Values.Any(s => Path(s).SequenceEqual(w))) && spans.Values.All(HasParent);
                },
                "the trace is complete");
        }
        catch (TimeoutException)
        {
            spans.Values.Select(s => string.Join(" > ", Path(s)) + (HasParent(s) ? "" : " (an orphan)")).Order(StringComparer.Ordinal).ShouldBe(wanted.Select(w => string.Join(" > ", w)));
        }

        bool HasParent(ExportedSpan span) => requests.ContainsKey(span.Parent) || spans.ContainsKey(span.Parent);

        string[] Path(ExportedSpan span)
        {
            var path = new List<string>();
            for (var at = span; at is not null; at = spans.GetValueOrDefault(at.Parent)) path.Insert(0, NameOf(at));
            return [.. path];
        }
    }

    static string NameOf(ExportedSpan span) => span.Source == "Npgsql" ? "SQL" : span.Tags.TryGetValue("edtech.message.type", out var type) ? $"{span.Name} {type}" : span.Name;
}
