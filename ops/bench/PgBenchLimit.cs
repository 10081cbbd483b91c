using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace EdTech.Bench;

/// <summary>What PostgreSQL can do: the three inserts of a handled message in one transaction, by pgbench, prepared, 32 clients.</summary>
static partial class PgBenchLimit
{
    // Ids ascend within a client as version-7 ids do; header and body lengths are those of the runtime's rows.
    static readonly string Script =
        $"""
        \set sequence :sequence + 1
        \set id :client_id * 100000000 + :sequence
        BEGIN;
        INSERT INTO bench.answer (answer_id, learner_id, lesson_id, points, body, answered_at) VALUES (lpad(:id::text, 32, '0')::uuid, lpad(:id::text, 32, '1')::uuid, lpad(:id::text, 32, '2')::uuid, 5, '{BenchEndpoint.Body}', now());
        INSERT INTO messaging.inbox (message_id, handled_at) VALUES (lpad(:id::text, 36, '0'), now());
        INSERT INTO messaging.outbox (outbox_id, delivery, destination, headers, body, created_at) VALUES (lpad(:id::text, 32, '0')::uuid, 1, 'EdTech.Contracts.Bench.AnswerRecorded', '{new string('h', 1_000)}', '{new string('b', 500)}'::bytea, now());
        COMMIT;

        """;

    /// <summary>Where Debian's packages put it (apt install postgresql), or on the path.</summary>
    static string? Binary { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(d => $"{d}/bin/pgbench").LastOrDefault(File.Exists)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => $"{d}/pgbench").FirstOrDefault(File.Exists);

    public static async Task<Rate> Measure(Ground ground, TimeSpan duration)
    {
        await ground.Clear();
        return await Measure(ground, ground.Database, Script, firstSequence: 0, duration);
    }

    /// <summary>Any script, in any database of the bench. What it inserts takes its ids from <c>:sequence</c>.</summary>
    public static async Task<Rate> Measure(Ground ground, string connectionString, string sql, int firstSequence, TimeSpan duration)
    {
        var binary = Binary ?? throw new InvalidOperationException("pgbench is missing, and without it there is no limit to compare with: apt-get install postgresql.");
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, sql);
            var database = new NpgsqlConnectionStringBuilder(connectionString);
            var start = new ProcessStartInfo(binary) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PGPASSWORD"] = database.Password;
            foreach (var arg in new[]
            {
                "-n", "-M", "prepared", "-c", "32", "-j", "2", "-D", string.Create(CultureInfo.InvariantCulture, $"sequence={firstSequence}"), "-T", duration.TotalSeconds.ToString(CultureInfo.InvariantCulture), "-f", script,
                "-h", database.Host!, "-p", database.Port.ToString(CultureInfo.InvariantCulture), "-U", database.Username!, database.Database!,
            })
            {
                start.ArgumentList.Add(arg);
            }

            // As a child that is waited for, pgbench counts into this process' tree.
            var load = ground.StartLoad(Environment.ProcessId);
            using var pgbench = Process.Start(start)!;
            var errors = pgbench.StandardError.ReadToEndAsync();
            var output = await pgbench.StandardOutput.ReadToEndAsync();
            await pgbench.WaitForExitAsync();
            if (pgbench.ExitCode != 0)
            {
                throw new InvalidOperationException($"pgbench ended with {pgbench.ExitCode}: {await errors}");
            }

            var count = long.Parse(Transactions().Match(output).Groups["n"].Value, CultureInfo.InvariantCulture);
            var perSecond = double.Parse(PerSecond().Match(output).Groups["n"].Value, CultureInfo.InvariantCulture);
            return load.End(count, count / perSecond) with { PerSecond = perSecond };
        }
        finally
        {
            File.Delete(script);
        }
    }

    [GeneratedRegex(@"transactions actually processed: (?<n>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Transactions();

    [GeneratedRegex(@"tps = (?<n>[\d.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PerSecond();
}
