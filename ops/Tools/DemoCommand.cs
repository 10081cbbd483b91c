using System.Globalization;
using EdTech.Contracts.Learning;

namespace EdTech.Tools;

/// <summary>
/// Loads the demo catalogue as its tutors would, over the public API. What is there already is left as it is, and what an interrupted run left
/// half-made is completed: courses, sections and lessons are recognised by their titles.
/// </summary>
static class DemoCommand
{
    public static async Task<int> Run(Arguments arguments, CancellationToken ct)
    {
        using var http = PlatformClient.NewHttp(arguments.Gateway);
        using var mail = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var loaded = await Load(http, new Mailbox(mail, arguments.MailWeb), ct);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"demo catalogue: {loaded.Courses} courses, {loaded.Changes} changes"));
        await Console.Out.WriteLineAsync($"demo accounts (for this machine only), password {DemoAccounts.Password}:");
        foreach (var account in DemoAccounts.Tutors) await Console.Out.WriteLineAsync($"  {account.Email}  tutor");
        await Console.Out.WriteLineAsync($"  {DemoAccounts.Sam.Email}  student");
        return 0;
    }

    public static async Task<(int Courses, int Changes)> Load(HttpClient http, Mailbox mailbox, CancellationToken ct)
    {
        var changes = 0;
        var clients = new Dictionary<string, PlatformClient>(StringComparer.Ordinal);
        foreach (var account in DemoAccounts.Tutors.Append(DemoAccounts.Sam))
        {
            var client = new PlatformClient(http);
            if (await DemoAccounts.SignInOrRegister(client, mailbox, account, tutor: account != DemoAccounts.Sam, ct)) changes++;
            clients[account.Key] = client;
        }

        var courses = DemoCatalogue.Courses();
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal);
        var authored = new Dictionary<string, Dictionary<string, AuthoredCourse>>(StringComparer.Ordinal);
        foreach (var account in DemoAccounts.Tutors)
            authored[account.Key] = (await clients[account.Key].AuthoredCourses(ct)).DistinctBy(c => c.Title, StringComparer.Ordinal).ToDictionary(c => c.Title, StringComparer.Ordinal);

        foreach (var course in courses)
        {
            var known = authored[course.Tutor].GetValueOrDefault(course.Title);
            if (known is null || known.Status == CourseStatus.Draft) changes += await Complete(clients[course.Tutor], course, known?.CourseId, ids, ct);
            else ids[course.Key] = known.CourseId;
        }

        foreach (var path in DemoCatalogue.Paths()) changes += await Complete(clients[path.Tutor], path, ids, ct);
        return (courses.Count, changes);
    }

    static async Task<int> Complete(PlatformClient client, DemoCourse course, Guid? known, Dictionary<string, Guid> ids, CancellationToken ct)
    {
        var changes = 1;
        var courseId = known ?? await client.CreateCourse(course.Details(ids), ct);
        var draft = await client.Course(courseId, draft: true, ct);
        foreach (var section in course.Sections)
        {
            var present = draft.Outline.FirstOrDefault(s => string.Equals(s.Title, section.Title, StringComparison.Ordinal));
            var sectionId = present?.SectionId ?? await client.AddSection(courseId, section.Title, ct);
            foreach (var lesson in section.Lessons.Select(l => l.Draft()).Where(l => present?.Lessons.Any(p => string.Equals(p.Title, l.Title, StringComparison.Ordinal)) != true))
            {
                await client.AddLesson(courseId, sectionId, lesson, ct);
                changes++;
            }
        }

        await client.Publish(courseId, ct);
        ids[course.Key] = courseId;
        return changes;
    }

    static async Task<int> Complete(PlatformClient client, DemoPath path, Dictionary<string, Guid> ids, CancellationToken ct)
    {
        var known = (await client.AuthoredPaths(ct)).FirstOrDefault(p => string.Equals(p.Title, path.Title, StringComparison.Ordinal));
        if (known is { Status: "published" }) return 0;
        var pathId = known?.PathId ?? await client.CreatePath(path.Title, path.Summary, [.. path.Steps.Select(s => new PathStep(ids[s.Course], [.. s.Requires.Select(r => ids[r])]))], ct);
        await client.PublishPath(pathId, ct);
        return 1;
    }
}
