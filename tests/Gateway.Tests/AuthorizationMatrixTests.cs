using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Shouldly;

namespace EdTech.Gateway.Tests;

/// <summary>
/// Every operation, asked by everybody, with the ids of things that belong to one of them. The approved table says who gets what; an operation that
/// it does not name fails the test.
/// </summary>
public sealed class AuthorizationMatrixTests(GatewayFixture fixture)
{
    static readonly string[] Callers = ["anonymous", "student", "tutor", "moderator", "support", "admin", "owner"];

    [Fact]
    public async Task Everybody_may_do_what_the_approved_table_says_and_nothing_else()
    {
        var people = new Dictionary<string, Person?>(StringComparer.Ordinal) { ["anonymous"] = null };
        foreach (var role in Callers[1..^1]) people[role] = await fixture.SignUp(role);
        var tutor = await fixture.SignUp("tutor");
        var samples = new SampleRequests(fixture.Document);
        var rows = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(fixture.Document.Operations.Where(o => !o.TakesUpload), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (operation, ct) =>
        {
            var verdicts = new List<string>();
            var owner = ActsOnAccounts(operation) ? await fixture.SignUp("tutor") : tutor;
            World? world = null;
            foreach (var caller in Callers)
            {
                // What one caller changes must not decide about the next.
                if (caller == "owner" && ActsOnAccounts(operation)) owner = await fixture.SignUp("tutor");
                if (world is null || operation.Writes || world.Owner != owner) world = await World.Create(fixture, owner, operation);
                var person = caller == "owner" ? owner : people[caller] is not null && ChangesCaller(operation) ? await fixture.SignUp(caller) : people[caller];
                using var request = samples.Request(operation, world, person);
                using var response = await fixture.Http.SendAsync(request, ct);
                verdicts.Add($"{caller}={Verdict(operation, (int)response.StatusCode)}");
            }

            rows[$"{operation}"] = string.Join(' ', verdicts);
        });

        var received = string.Join('\n', rows.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}\n    {r.Value}")) + "\n";
        var approvedPath = Path.Combine(Here(), "authorization.approved.txt");
        var receivedPath = Path.Combine(Here(), "authorization.received.txt");
        var approved = File.Exists(approvedPath) ? await File.ReadAllTextAsync(approvedPath) : "";
        if (received == approved.ReplaceLineEndings("\n"))
        {
            File.Delete(receivedPath);
            return;
        }

        await File.WriteAllTextAsync(receivedPath, received);
        var known = approved.ReplaceLineEndings("\n").Split('\n').ToHashSet(StringComparer.Ordinal);
        Assert.Fail($"Who may do what has changed:\n{string.Join('\n', received.Split('\n').Where(l => !known.Contains(l)))}\nIf it is meant, approve it: mv {receivedPath} {approvedPath}");
    }

    static bool ActsOnAccounts(ApiOperation operation) => operation.PathParameters.Contains("accountId") || operation.Path.StartsWith("/v1/me/", StringComparison.Ordinal) && operation.Writes || operation.Path.StartsWith("/v1/sessions", StringComparison.Ordinal);

    /// <summary>A new caller for each, or a changed password would decide about other operations.</summary>
    static bool ChangesCaller(ApiOperation operation) => operation.Writes && operation.Path.StartsWith("/v1/me/", StringComparison.Ordinal) || operation.Method == "DELETE" && operation.Path.StartsWith("/v1/sessions", StringComparison.Ordinal);

    /// <summary>The class of success, and the very status of a refusal.</summary>
    static string Verdict(ApiOperation operation, int status)
        // Another test may have changed the keys a moment ago, which is once too often.
        => status < 300 || status == 409 && operation.Id == "rotateSigningKeys" ? "done" : status.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
