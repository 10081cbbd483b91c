using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>Makes the endpoint's database when it is missing and runs the embedded <c>Schema/*.sql</c> in order, each once, forward only.</summary>
public sealed class SchemaMigrator(NpgsqlDataSource source, string connectionString, Assembly assembly, ILogger<SchemaMigrator> logger)
{
    const long LockKey = 0x4564_5465_6368; // "EdTech": one migrator at a time over all instances.

    /// <summary>Waits for the server, then migrates. Safe to run from several instances at once.</summary>
    /// <exception cref="InvalidOperationException">A script that was run before has been edited since.</exception>
    public async Task Run(CancellationToken ct)
    {
        await CreateDatabase(ct);
        await using var connection = await source.OpenConnectionAsync(ct);
        await connection.ExecuteAsync("SELECT pg_advisory_lock(@LockKey)", new { LockKey });
        try
        {
            await connection.ExecuteAsync(
                """
                CREATE TABLE IF NOT EXISTS public.schema_version (
                    script     text PRIMARY KEY,
                    checksum   text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now())
                """);
            var applied = (await connection.QueryAsync<(string Script, string Checksum)>("SELECT script, checksum FROM public.schema_version")).ToDictionary(r => r.Script, r => r.Checksum, StringComparer.Ordinal);
            foreach (var (script, sql) in Scripts())
            {
                var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
                if (applied.TryGetValue(script, out var known))
                {
                    if (known != checksum)
                    {
                        throw new InvalidOperationException($"{script} was changed after database {connection.Database} had run it. Scripts are history: restore the file and add a new one. (In development: drop the database.)");
                    }

                    continue;
                }

                await using var transaction = await connection.BeginTransactionAsync(ct);
                await connection.ExecuteAsync(sql);
                await connection.ExecuteAsync("INSERT INTO public.schema_version (script, checksum) VALUES (@script, @checksum)", new { script, checksum });
                await transaction.CommitAsync(ct);
                logger.LogInformation("{Script} applied to {Database}", script, connection.Database);
            }
        }
        finally
        {
            await connection.ExecuteAsync("SELECT pg_advisory_unlock(@LockKey)", new { LockKey });
        }

        // Types that a script created (enums, extensions) are unknown to pooled connections until asked for again.
        await connection.ReloadTypesAsync(ct);
    }

    async Task CreateDatabase(CancellationToken ct)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        var database = builder.Database ?? throw new InvalidOperationException("The connection string names no database.");
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            try
            {
                await using var probe = await source.OpenConnectionAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
                builder.Database = "postgres";
                builder.Pooling = false;
                await using var admin = new NpgsqlConnection(builder.ConnectionString);
                await admin.OpenAsync(ct);
                try
                {
                    // An identifier cannot be a parameter; quoting doubles the quotes.
                    await admin.ExecuteAsync($"CREATE DATABASE \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
                }
                catch (PostgresException race) when (race.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
                {
                    logger.LogDebug("{Database} was made by another instance.", database);
                }
            }
            catch (NpgsqlException e) when (e is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
            {
                logger.LogWarning("Waiting for PostgreSQL at {Host}:{Port}: {Reason}", builder.Host, builder.Port, e.Message);
                await Task.Delay(wait, ct);
            }
        }
    }

    IEnumerable<(string Script, string Sql)> Scripts()
        => new[] { typeof(SchemaMigrator).Assembly, assembly }.Distinct()
            .SelectMany(a => a.GetManifestResourceNames()
                .Where(n => n.EndsWith(".sql", StringComparison.Ordinal))
                .OrderBy(n => n, StringComparer.Ordinal)
                .Select(n => (n, Read(a, n))));

    static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
