using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using Npgsql;
using Shouldly;

namespace EdTech.Chaos;

/// <summary>Tutors who write and publish courses without a pause, students who register, enrol, study, pass and are certified; and what must hold of that.</summary>
sealed class Classroom(IReadOnlyList<PlatformUnderTest> gateways, string postgres)
{
    readonly ConcurrentDictionary<Guid, Course> _courses = new();
    readonly ConcurrentBag<Learner> _studied = [];
    readonly ConcurrentBag<Person> _people = [];
    readonly ConcurrentQueue<string> _broken = new();

    /// <summary>What should not have been seen on the way.</summary>
    public IEnumerable<string> Broken => _broken;

    public string Done => $"{_people.Count} registrations, {_courses.Count} courses published, {_studied.Count} studied to the certificate";

    /// <summary>What Kafka must tell.</summary>
    public IEnumerable<string> Facts =>
    [
        .. _people.Select(p => $"account-registered {p.Id}"),
        .. _courses.Keys.Select(c => $"course-published {c}"),
        .. _studied.SelectMany(s => new[]
        {
            $"student-enrolled {s.Student.Id} {s.Course.Id}", $"lesson-completed {s.Student.Id} {s.Course.Article}", $"lesson-completed {s.Student.Id} {s.Course.Quiz}",
            $"quiz-graded {s.Attempt}", $"course-completed {s.Student.Id} {s.Course.Id}", $"certificate-issued {s.Certificate}",
        }),
    ];

    public IEnumerable<Task> Load(int seed, CancellationToken stop)
        => [.. gateways.Take(2).Select(g => Write(g, stop)), .. gateways.Select((g, i) => Study(g, new Random(seed + i), stop))];

    async Task Write(PlatformUnderTest gateway, CancellationToken stop)
    {
        var tutor = await Person.RegisterPatiently(gateway, tutor: true);
        _people.Add(tutor);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var course = await Id(tutor, "/v1/courses", Requests.Course($"Course number {i}"), $"course-{i}");
            var section = await Id(tutor, $"/v1/courses/{course}/sections", new { title = "Light" }, $"section-{i}");
            var article = await Id(tutor, $"/v1/courses/{course}/sections/{section}/lessons", Requests.Article("What leaves do"), $"article-{i}");
            var quiz = await Id(tutor, $"/v1/courses/{course}/sections/{section}/lessons", Requests.Quiz("Did it stick?"), $"quiz-{i}");
            await tutor.Insist(HttpMethod.Post, $"/v1/courses/{course}/publish", key: $"publish-{i}");
            _courses[course] = new(tutor, course, article, quiz);
            await Pause(1_000, stop);
        }
    }

    async Task Study(PlatformUnderTest gateway, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var student = await Person.RegisterPatiently(gateway);
            _people.Add(student);
            for (var i = 0; i < 2 && !stop.IsCancellationRequested; i++)
            {
                var courses = _courses.Values.Where(c => !_studied.Any(s => s.Student == student && s.Course == c)).ToArray();
                if (courses.Length == 0)
                {
                    await Pause(200, stop);
                    continue;
                }

                await Study(student, courses[random.Next(courses.Length)]);
            }

            await student.Refresh();
            await Pause(300, stop);
        }
    }

    async Task Study(Person student, Course course)
    {
        await student.Insist(HttpMethod.Post, $"/v1/courses/{course.Id}/enrolment", key: $"enrol-{course.Id}");
        await student.Insist(HttpMethod.Post, $"/v1/courses/{course.Id}/lessons/{course.Article}/complete", key: $"complete-{course.Article}");
        await Progress(student, course, 50);
        var attempt = await Id(student, $"/v1/courses/{course.Id}/lessons/{course.Quiz}/attempts", null, $"attempt-{course.Quiz}");
        var questions = (await student.Insist(HttpMethod.Get, $"/v1/attempts/{attempt}"))["questions"]!.AsArray();
        await student.Insist(HttpMethod.Post, $"/v1/attempts/{attempt}/submission", new { answers = questions.Select(Requests.RightAnswer).ToArray() }, $"submit-{attempt}");
        await Progress(student, course, 100);
        JsonNode? certificate;
        for (var deadline = DateTime.UtcNow.AddMinutes(5);
             (certificate = (await student.Insist(HttpMethod.Get, "/v1/me/certificates"))["items"]!.AsArray().FirstOrDefault(c => c!["courseId"]!.GetValue<Guid>() == course.Id)) is null;
             await Task.Delay(150))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"{student.Id} has completed course {course.Id} and has no certificate after five minutes.");
            }
        }

        _studied.Add(new(student, course, attempt, certificate["certificateId"]!.GetValue<Guid>()));
    }

    /// <summary>What was answered as done is seen at once, by whom it was done; and never less than before.</summary>
    async Task Progress(Person student, Course course, int atLeast)
    {
        var percent = (await student.Insist(HttpMethod.Get, $"/v1/courses/{course.Id}/progress"))["percent"]!.GetValue<int>();
        if (percent != atLeast)
        {
            _broken.Enqueue($"{student.Id} should be at {atLeast} % of course {course.Id} and is at {percent} %");
        }
    }

    /// <summary>Nothing lost, nothing done twice: each order of a tutor made one course, one section, one lesson.</summary>
    public async Task Authored()
    {
        foreach (var tutor in _courses.Values.Select(c => c.Tutor).Distinct())
        {
            Census.Take($"courses of {tutor.Id}", _courses.Values.Where(c => c.Tutor == tutor).Select(c => c.Id), await tutor.All("/v1/me/courses-authored", "courseId"));
            foreach (var course in _courses.Values.Where(c => c.Tutor == tutor))
            {
                var outline = (await tutor.Insist(HttpMethod.Get, $"/v1/courses/{course.Id}"))["outline"]!.AsArray();
                outline.Count.ShouldBe(1, $"sections of course {course.Id}");
                outline[0]!["lessons"]!.AsArray().Select(l => l!["lessonId"]!.GetValue<Guid>()).ShouldBe([course.Article, course.Quiz]);
            }
        }
    }

    public async Task Studied()
    {
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres) { Database = $"{gateways[0].Infrastructure.Prefix}_learning", Pooling = false }.ConnectionString);
        Census.Take("free enrolments", _studied.Select(s => (s.Student.Id, s.Course.Id)), await Pairs("SELECT student_id, course_id FROM learning.enrolment WHERE source = 'free'"));
        Census.Take("completed lessons", _studied.SelectMany(s => new[] { (s.Student.Id, s.Course.Article), (s.Student.Id, s.Course.Quiz) }),
            await Pairs("SELECT student_id, lesson_id FROM learning.lesson_progress JOIN learning.enrolment USING (enrolment_id) WHERE lesson_progress.completed_at IS NOT NULL"));
        Census.Take("attempts at quizzes", _studied.Select(s => (s.Student.Id, s.Attempt)), await Pairs("SELECT student_id, attempt_id FROM learning.quiz_attempt JOIN learning.enrolment USING (enrolment_id)"));
        // Issued for who completed, and for nobody else.
        Census.Take("certificates", _studied.Select(s => (s.Student.Id, s.Certificate)), await Pairs("SELECT student_id, certificate_id FROM learning.certificate"));
        (await Pairs("SELECT student_id, course_id FROM learning.enrolment WHERE source = 'free' AND lessons_completed < lessons")).ShouldBeEmpty("progress never goes back");
        (await Pairs("SELECT course_id, course_id FROM learning.course WHERE status = 'published' AND NOT EXISTS (SELECT 1 FROM learning.version_lesson v WHERE v.course_id = course.course_id)"))
            .ShouldBeEmpty("a published course has a lesson");

        async Task<List<(Guid, Guid)>> Pairs(string sql)
        {
            await using var command = db.CreateCommand(sql);
            await using var reader = await command.ExecuteReaderAsync();
            var pairs = new List<(Guid, Guid)>();
            while (await reader.ReadAsync())
            {
                pairs.Add((reader.GetGuid(0), reader.GetGuid(1)));
            }

            return pairs;
        }
    }

    public async Task CertificatesVerify()
    {
        foreach (var certificate in _studied.Select(s => s.Certificate))
        {
            JsonNode.Parse(await gateways[0].Http.GetStringAsync(new Uri($"/v1/certificates/{certificate}/verify", UriKind.Relative)))!["valid"]!.GetValue<bool>().ShouldBeTrue($"certificate {certificate}");
        }
    }

    public async Task EverybodySignsIn()
    {
        foreach (var person in _people)
        {
            await person.SignIn();
        }
    }

    static async Task<Guid> Id(Person person, string path, object? body, string key) => (await person.Insist(HttpMethod.Post, path, body, key))["id"]!.GetValue<Guid>();

    static async Task Pause(int milliseconds, CancellationToken stop) => await Task.WhenAny(Task.Delay(milliseconds, stop));

    sealed record Course(Person Tutor, Guid Id, Guid Article, Guid Quiz);

    sealed record Learner(Person Student, Course Course, Guid Attempt, Guid Certificate);
}
