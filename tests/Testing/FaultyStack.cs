using System.Diagnostics;

namespace EdTech.Testing;

/// <summary>A second set of servers, that a test may kill: made by the same <c>ops/stack</c> on other ports.</summary>
public sealed class FaultyStack : IAsyncDisposable
{
    readonly Dictionary<string, string> _environment;

    FaultyStack(Dictionary<string, string> environment) => _environment = environment;

    /// <summary>The settings that lead to these servers.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    /// <summary>Brings the servers up. One test assembly at a time uses them.</summary>
    public static async Task<FaultyStack> Up(string services = "postgres rabbitmq redis mail kafka dynamodb")
    {
        var stack = new FaultyStack(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["EDTECH_STATE_DIR"] = Environment.GetEnvironmentVariable("EDTECH_FAULTS_STATE_DIR") ?? $"/var/tmp/edtech-faults-{Environment.UserName}",
            ["EDTECH_PORT_BASE"] = Environment.GetEnvironmentVariable("EDTECH_FAULTS_PORT_BASE") ?? "20500",
            ["EDTECH_SERVICES"] = services,
            ["EDTECH_NATIVE"] = "1", // A container engine would restart what the test kills.
        });
        await stack.Run("up");
        stack.Settings = (await stack.Run("env", "--plain")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return stack;
    }

    /// <summary>kill -9 of one server.</summary>
    public Task Kill(string service) => Run("kill", service);

    /// <summary>Starts what is down and waits until it answers.</summary>
    public Task Recover() => Run("up");

    /// <summary>An orderly restart of one server.</summary>
    public Task Restart(string service) => Run("restart", service);

    /// <summary>The broker's own tool: <c>set_disk_free_limit</c> and what else it knows.</summary>
    public Task RabbitMqCtl(params string[] arguments) => Run(["rabbitmqctl", .. arguments]);

    async Task<string> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository, "ops", "stack")) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("EDTECH_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"ops/stack {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
    }

    /// <summary>The repository's root folder.</summary>
    public static string Repository
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "EdTech.sln")))
                {
                    return folder.FullName;
                }
            }

            throw new DirectoryNotFoundException("No folder above the test's holds EdTech.sln.");
        }
    }

    /// <summary>Stops the servers.</summary>
    public async ValueTask DisposeAsync() => await Run("down");
}
