using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EdTech.Contracts.Learning;

namespace EdTech.Tools;

static class CohortCommand
{
    public static async Task<int> Run(Arguments arguments, CancellationToken ct)
    {
        var courseId = Guid.TryParse(arguments.Optional("course"), out var id) ? id : throw new UsageException("--course must be the course's id.");
        var timings = new Timings();
        using var http = PlatformClient.NewHttp(arguments.Gateway, connections: 64);
        using var mail = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var tutor = new PlatformClient(http, timings);
        await tutor.SignIn(arguments.Optional("email") ?? DemoAccounts.Mira.Email, arguments.Optional("password") ?? DemoAccounts.Password, ct);

        var result = await Cohort.Study(tutor, new Mailbox(mail, arguments.MailWeb), courseId, arguments.Number("learners", 200), arguments.Number("parallel", 16), ct);
        timings.Print(Console.Out);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{result.Certificates.Count} of {result.Learners} learners hold a certificate that a stranger could verify, after {result.Lessons} lessons each, in {result.Took.TotalSeconds:F1} s: {timings.Count} requests, {timings.Count / result.Took.TotalSeconds:F0} a second"));
        foreach (var failure in result.Failures.Take(10)) await Console.Error.WriteLineAsync($"failed: {failure}");
        return result.Failures.Count == 0 ? 0 : 1;
    }
}

/// <summary>What came of a cohort.</summary>
sealed record CohortResult(int Learners, int Lessons, IReadOnlyCollection<Guid> Certificates, IReadOnlyCollection<string> Failures, TimeSpan Took);

/// <summary>Scripted learners: each registers, verifies the e-mail, signs in, enrols, studies every lesson, passes every quiz and has the certificate verified.</summary>
static class Cohort
{
    const string Password = "A-scripted-learner-7";

    public static async Task<CohortResult> Study(PlatformClient tutor, Mailbox mailbox, Guid courseId, int learners, int parallel, CancellationToken ct)
    {
        // The keys come from the author's view; learners are not shown them.
        var course = await tutor.Course(courseId, draft: false, ct);
        var keys = new Dictionary<Guid, AnswerKey>();
        foreach (var lesson in course.Outline.SelectMany(s => s.Lessons).Where(l => l.Kind == LessonKind.Quiz))
            keys[lesson.LessonId] = new AnswerKey((await tutor.AuthoredLesson(courseId, lesson.LessonId, ct)).Content.Quiz!);

        ConcurrentBag<Guid> certificates = [];
        ConcurrentBag<string> failures = [];
        var run = Guid.CreateVersion7().ToString("N")[^12..];
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(1, learners), new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = ct }, async (number, cancel) =>
        {
            try
            {
                certificates.Add(await StudyAlone(tutor.Another(), mailbox, course, keys, string.Create(CultureInfo.InvariantCulture, $"learner.{run}.{number}@cohort.example"), cancel));
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or InvalidOperationException)
            {
                failures.Add($"learner {number}: {e.Message}");
            }
        });
        return new CohortResult(learners, course.Lessons, certificates, failures, Stopwatch.GetElapsedTime(started));
    }

    static async Task<Guid> StudyAlone(PlatformClient learner, Mailbox mailbox, CourseView course, Dictionary<Guid, AnswerKey> keys, string email, CancellationToken ct)
    {
        var known = await mailbox.Known(email, ct);
        await learner.Register(email, Password, "Scripted Learner", ct);
        await learner.VerifyEmail(await mailbox.VerificationToken(email, known, ct), ct);
        await learner.SignIn(email, Password, ct);
        await learner.Enrol(course.CourseId, ct);

        foreach (var lesson in course.Outline.SelectMany(s => s.Lessons))
        {
            await learner.Study(course.CourseId, lesson.LessonId, ct);
            if (lesson.Kind == LessonKind.Quiz) await Pass(learner, course.CourseId, lesson.LessonId, keys[lesson.LessonId], ct);
            else await learner.CompleteLesson(course.CourseId, lesson.LessonId, ct);
        }

        var progress = await WithCertificate(learner, course.CourseId, ct);
        var certificate = await learner.Verify(progress.CertificateId!.Value, ct);
        return certificate.Valid ? certificate.CertificateId : throw new InvalidOperationException($"certificate {certificate.CertificateId} is not valid: {certificate.Code} {certificate.Message}");
    }

    static async Task Pass(PlatformClient learner, Guid courseId, Guid lessonId, AnswerKey key, CancellationToken ct)
    {
        var attemptId = await learner.StartAttempt(courseId, lessonId, ct);
        await learner.Submit(attemptId, key.Answers(await learner.Attempt(attemptId, ct)), ct);
        var attempt = await learner.Attempt(attemptId, ct);
        if (attempt.Passed != true) throw new InvalidOperationException($"the quiz {lessonId} was not passed by its own key: {attempt.Points} of {attempt.MaxPoints} points");
    }

    /// <summary>The certificate is issued by the event that the last lesson raised, a moment later.</summary>
    static async Task<ProgressView> WithCertificate(PlatformClient learner, Guid courseId, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        ProgressView progress;
        do
        {
            progress = await learner.Progress(courseId, ct);
            if (progress.CertificateId is not null) return progress;
        }
        while (await Tick(timer, deadline.Token, ct));
        throw new InvalidOperationException($"there is no certificate after 60 s; progress is {progress.Percent} %: {progress.Explanation}");
    }

    static async Task<bool> Tick(PeriodicTimer timer, CancellationToken deadline, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(deadline);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
