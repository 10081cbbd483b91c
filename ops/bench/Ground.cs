using System.Globalization;
using System.Text.Json;
using EdTech.Testing;
using Npgsql;

namespace EdTech.Bench;

/// <summary>A rate, and what it cost.</summary>
/// <param name="PerSecond">How many a second.</param>
/// <param name="Count">How many in all.</param>
/// <param name="Program">Processor microseconds of our program for each.</param>
/// <param name="Database">The same of PostgreSQL.</param>
/// <param name="Broker">The same of RabbitMQ.</param>
/// <param name="Others">Share of the machine's processors that neither these nor the load took.</param>
sealed record Rate(double PerSecond, long Count, double Program, double Database, double Broker, double Others)
{
    public double AllProcesses => Program + Database + Broker;
}

/// <summary>The bench's own corner of the servers, and where those servers' processes are.</summary>
sealed class Ground : IAsyncDisposable
{
    readonly int[] _postgres;
    readonly int[] _rabbit;

    Ground(Infrastructure infrastructure, int[] postgres, int[] rabbit, string versions)
    {
        Infrastructure = infrastructure;
        _postgres = postgres;
        _rabbit = rabbit;
        Versions = versions;
    }

    public Infrastructure Infrastructure { get; }

    public string Versions { get; }

    /// <summary>Connection string of the bench endpoint's database.</summary>
    public string Database => new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = $"{Infrastructure.Prefix}_bench" }.ConnectionString;

    public string[] Args =>
    [
        $"--EDTECH_RABBITMQ={Infrastructure.RabbitMq}",
        $"--EDTECH_DATABASE_PREFIX={Infrastructure.Prefix}",
        $"--EDTECH_BENCH_URL=http://127.0.0.1:{Infrastructure.FreePort()}",
        "--Logging:LogLevel:Default=Warning",
    ];

    public static async Task<Ground> Reserve()
    {
        var infrastructure = await Infrastructure.Reserve();
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var postmaster = new NpgsqlCommand("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int", connection);
        var postgres = Here((int)(await postmaster.ExecuteScalarAsync())!, "postgres");
        using var nodes = JsonDocument.Parse(await infrastructure.Manage(HttpMethod.Get, "/api/nodes"));
        using var overview = JsonDocument.Parse(await infrastructure.Manage(HttpMethod.Get, "/api/overview"));
        var rabbit = Here(int.Parse(nodes.RootElement[0].GetProperty("os_pid").GetString()!, CultureInfo.InvariantCulture), "beam.smp");
        var root = overview.RootElement;
        return new Ground(infrastructure, postgres, rabbit, $"PostgreSQL {connection.PostgreSqlVersion}, RabbitMQ {root.GetProperty("rabbitmq_version")} on Erlang {root.GetProperty("erlang_version")}, .NET {Environment.Version}");
    }

    /// <summary>A server in a container names a process id of its own; then every process of that name counts.</summary>
    static int[] Here(int id, string command)
        => File.Exists($"/proc/{id}/comm") && File.ReadAllText($"/proc/{id}/comm").Trim() == command ? [id] : ProcessorTime.Named(command);

    /// <summary>An empty inbox, outbox and business table, and a checkpoint, so that each measurement finds the same.</summary>
    public async Task Clear()
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var truncate = new NpgsqlCommand("TRUNCATE messaging.inbox, messaging.outbox, bench.answer", connection);
        await truncate.ExecuteNonQueryAsync();
        await using var checkpoint = new NpgsqlCommand("CHECKPOINT", connection);
        await checkpoint.ExecuteNonQueryAsync();
    }

    public Load StartLoad(int program) => new(this, program);

    /// <summary>Processor time from its making to <see cref="End"/>.</summary>
    public sealed class Load(Ground ground, int program)
    {
        readonly double _program = ProcessorTime.OfTrees(program);
        readonly double _postgres = ProcessorTime.OfTrees(ground._postgres);
        readonly double _rabbit = ProcessorTime.OfTrees(ground._rabbit);
        readonly double _bench = program == Environment.ProcessId ? 0 : Environment.CpuUsage.TotalTime.TotalMicroseconds;
        readonly double _machine = ProcessorTime.OfMachine();

        public Rate End(long count, double seconds)
        {
            var machine = ProcessorTime.OfMachine() - _machine;
            var ours = ProcessorTime.OfTrees(program) - _program;
            var postgres = ProcessorTime.OfTrees(ground._postgres) - _postgres;
            var rabbit = ProcessorTime.OfTrees(ground._rabbit) - _rabbit;
            var bench = program == Environment.ProcessId ? 0 : Environment.CpuUsage.TotalTime.TotalMicroseconds - _bench;
            var others = Math.Max(0, machine - ours - postgres - rabbit - bench) / (seconds * 1_000_000 * Environment.ProcessorCount);
            return new Rate(count / seconds, count, ours / count, postgres / count, rabbit / count, others);
        }
    }

    public ValueTask DisposeAsync() => Infrastructure.DisposeAsync();
}
