using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using EdTech.Testing;
using EdTech.Users;
using Npgsql;
using NSec.Cryptography;

namespace EdTech.Bench;

/// <summary>Sign-ins with password through the users endpoint's internal API, against nothing but their Argon2id.</summary>
static class SignIns
{
    const string Password = "Quiet rivers turn 7 old mills";
    const int Accounts = 24;

    /// <param name="PerSecondPerCore">Sign-ins.</param>
    /// <param name="HashesPerSecondPerCore">Bare Argon2id with the same parameters, on all cores at once.</param>
    /// <param name="Latencies">Of the sign-ins.</param>
    public sealed record Result(double PerSecondPerCore, double HashesPerSecondPerCore, Latencies Latencies);

    public static async Task<Result> Measure(TimeSpan duration)
    {
        await using var worker = await WorkerUnderTest.Start("users", UsersEndpoint.Build, ("Logging:LogLevel:Default", "Warning"));
        var api = worker.Api();
        for (var i = 0; i < Accounts; i++)
        {
            using var registered = await api.PostAsJsonAsync("/internal/users/accounts", new { email = Email(i), password = Password, displayName = "Somebody" });
            registered.EnsureSuccessStatusCode();
        }

        await Verify($"{worker.Infrastructure.Prefix}_users", role: null);
        var cores = Environment.ProcessorCount;
        // Before and after, so that what else the machine does meets both.
        var before = Hashes(duration / 4);
        var next = -1;
        var since = Stopwatch.GetTimestamp();
        // Twice as many as cores: while one waits for the database another one hashes.
        var all = await Task.WhenAll(Enumerable.Range(0, 2 * cores).Select(_ => Latencies.OneByOne(5, duration, async _ =>
        {
            using var session = await api.PostAsJsonAsync("/internal/users/sessions", new { email = Email(Interlocked.Increment(ref next) % Accounts), password = Password });
            if (session.StatusCode != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"A sign-in was answered {(int)session.StatusCode}: {await session.Content.ReadAsStringAsync()}");
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var bare = (before + Hashes(duration / 4)) / 2 / cores;
        return new Result((next + 1) / seconds / cores, bare, Latencies.Together(all));
    }

    /// <summary>Takes all addresses as verified.</summary>
    public static async Task Verify(string database, string? role)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = database, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var verify = new NpgsqlCommand("UPDATE users.account SET email_verified_at = now()", connection);
        await verify.ExecuteNonQueryAsync();
        if (role is not null)
        {
            await using var grant = new NpgsqlCommand("INSERT INTO users.role_grant (account_id, role, granted_at) SELECT account_id, @role, now() FROM users.account ON CONFLICT DO NOTHING", connection);
            grant.Parameters.AddWithValue("role", role);
            await grant.ExecuteNonQueryAsync();
        }
    }

    static double Hashes(TimeSpan duration)
    {
        var count = 0;
        var since = Stopwatch.GetTimestamp();
        // As the users endpoint's PasswordHasher has them.
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 19 * 1024, NumberOfPasses = 2 });
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(since) < duration)
            {
                argon2.DeriveBytes(Password, RandomNumberGenerator.GetBytes(16), 32);
                Interlocked.Increment(ref count);
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return count / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    static string Email(int i) => string.Create(CultureInfo.InvariantCulture, $"person{i}@bench.test");
}
