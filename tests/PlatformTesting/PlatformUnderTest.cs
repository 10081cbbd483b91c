using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Reflection;
using EdTech.AgoraSimulator;
using EdTech.Gateway;
using EdTech.Joined;
using EdTech.StripeSimulator;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;

namespace EdTech.PlatformTesting;

/// <summary>The whole platform on its own databases and virtual host: in this process, or in one of its own that can be killed.</summary>
public sealed class PlatformUnderTest : IAsyncDisposable
{
    readonly Infrastructure _infrastructure;
    readonly string[] _simulatorArgs;
    readonly string _journal = Path.Combine(Path.GetTempPath(), $"edtech-stripe-{Guid.NewGuid():N}.jsonl");
    PlatformUnderTest? _first;
    string _program = typeof(JoinedPlatform).Assembly.Location;
    readonly List<PlatformUnderTest> _beside = [];
    long _writes;
    JoinedPlatform? _joined;
    WebApplication? _simulator;
    WebApplication? _agora;
    Process? _process;
    Process? _simulatorProcess;
    readonly System.Text.StringBuilder _log = new();

    PlatformUnderTest(Infrastructure infrastructure, string[] args, Uri url)
    {
        _infrastructure = infrastructure;
        Args = args;
        Url = url;
        Stripe = new HttpClient { BaseAddress = new Uri(Value("EDTECH_STRIPE_API")), Timeout = TimeSpan.FromSeconds(30) };
        Agora = new HttpClient { BaseAddress = new Uri(Value("EDTECH_AGORA_API")), Timeout = TimeSpan.FromSeconds(30) };
        _simulatorArgs = [.. args.Where(a => a.StartsWith("--EDTECH_STRIPE_", StringComparison.Ordinal)), $"--EDTECH_STRIPE_WEBHOOK_URL={url.ToString().TrimEnd('/')}/v1/webhooks/stripe"];
        Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>The gateway's address.</summary>
    public Uri Url { get; }

    /// <summary>A client of the gateway without any token.</summary>
    public HttpClient Http { get; }

    /// <summary>A client of the Stripe simulator: to pay as a browser does, to move its clock, to disturb it.</summary>
    public HttpClient Stripe { get; }

    /// <summary>A client of the Agora simulator: who is in which channel, and what records there.</summary>
    public HttpClient Agora { get; }

    /// <summary>The settings of all hosts.</summary>
    public IReadOnlyList<string> Args { get; }

    /// <summary>How many writes of patient persons this instance's gateway has answered.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>What patient persons had to ask again because nobody answered, or something was away.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>The platform's corner of the servers.</summary>
    public Infrastructure Infrastructure => _infrastructure;

    /// <summary>The gateway's services, when it runs in this process.</summary>
    public IServiceProvider Gateway => _joined?.Gateway ?? throw new InvalidOperationException("The platform runs in a process of its own.");

    /// <summary>Runs all hosts in this process. Only one per process: FastEndpoints keeps its configuration in statics.</summary>
    public static async Task<PlatformUnderTest> Start(params (string Name, string Value)[] settings)
    {
        var platform = await Prepare(settings);
        await platform.StartAgora();
        platform._simulator = StripeSimulatorHost.Build(platform._simulatorArgs);
        await platform._simulator.StartAsync();
        platform._joined = new JoinedPlatform([.. platform.Args]);
        await platform._joined.Start();
        await platform.Ready();
        return platform;
    }

    /// <summary>Of the process that was started last.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Runs all hosts in one other process, and the Stripe simulator in a third; each can be killed and started again.</summary>
    public static Task<PlatformUnderTest> StartProcess(params (string Name, string Value)[] settings) => StartProcess(null, settings);

    /// <summary>Runs them on servers that the test may kill too.</summary>
    /// <param name="servers">What <see cref="FaultyStack.Settings"/> says, or addresses in front of it; a server that is not named is the environment's.</param>
    /// <param name="settings">More settings of all hosts.</param>
    public static async Task<PlatformUnderTest> StartProcess(IReadOnlyDictionary<string, string>? servers, params (string Name, string Value)[] settings)
    {
        var platform = await Prepare(settings, servers);
        await platform.StartAgora();
        await platform.RestartSimulator();
        await platform.Restart();
        return platform;
    }

    /// <summary>Only the settings and the corner of the servers: somebody else starts the programs, with <see cref="Beside"/>, and stands in front of them at <see cref="AddressOf"/>.</summary>
    public static Task<PlatformUnderTest> Reserve(IReadOnlyDictionary<string, string> servers, params (string Name, string Value)[] settings) => Prepare(settings, servers);

    /// <summary>A second process of all hosts on the same servers, as behind a load balancer: own addresses, the same queues, consumer groups and databases.</summary>
    public async Task<PlatformUnderTest> StartAnother()
    {
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        string[] args =
        [
            .. Args,
            $"--EDTECH_GATEWAY_URL={url.ToString().TrimEnd('/')}",
            $"--EDTECH_PUBLIC_URL={Url.ToString().TrimEnd('/')}", // tokens name it as their issuer
            $"--EDTECH_INSTANCE={_infrastructure.Prefix}b",
            .. new[] { "USERS", "LEARNING", "PAYMENTS", "COMMUNICATION", "ANALYTICS" }.Select(w => $"--EDTECH_{w}_URL=http://127.0.0.1:{Infrastructure.FreePort()}"),
        ];
        var another = new PlatformUnderTest(_infrastructure, args, url) { _first = this };
        await another.Restart();
        return another;
    }

    /// <summary>A gateway alone, in a process of its own, that asks this platform's workers.</summary>
    public async Task<PlatformUnderTest> StartGateway()
    {
        var gateway = Beside(typeof(GatewayApp).Assembly, "g");
        await gateway.Restart();
        return gateway;
    }

    /// <summary>One program of the platform, the gateway or an endpoint, that listens at an address of its own. It is not started yet, and ends with this platform.</summary>
    /// <param name="program">Its assembly.</param>
    /// <param name="instance">Tells it apart from others of its kind.</param>
    public PlatformUnderTest Beside(Assembly program, string instance)
    {
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        var beside = new PlatformUnderTest(_infrastructure, [.. Args, $"--EDTECH_LISTEN={url.ToString().TrimEnd('/')}", $"--EDTECH_INSTANCE={_infrastructure.Prefix}{instance}"], url)
        {
            _first = this,
            _program = program.Location,
        };
        _beside.Add(beside);
        return beside;
    }

    /// <summary>Where the others look for a program: at itself, or at the load balancer in front of it.</summary>
    public Uri AddressOf(Assembly program) => new(Value($"EDTECH_{program.GetName().Name!.Split('.')[^1].ToUpperInvariant()}_URL"));

    /// <summary>Agora itself does not die with the platform: its simulator runs in this process.</summary>
    async Task StartAgora()
    {
        _agora = AgoraSimulatorHost.Build([.. Args.Where(a => a.StartsWith("--EDTECH_AGORA_", StringComparison.Ordinal)), $"--EDTECH_AGORA_WEBHOOK_URL={Url.ToString().TrimEnd('/')}/v1/webhooks/agora"]);
        await _agora.StartAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>kill -9 of the Stripe simulator. What it had answered is in its journal.</summary>
    public async Task KillSimulator()
    {
        _simulatorProcess!.Kill(entireProcessTree: true);
        await _simulatorProcess.WaitForExitAsync();
        _simulatorProcess.Dispose();
        _simulatorProcess = null;
    }

    /// <summary>Starts the Stripe simulator's process (again), with what its journal says.</summary>
    public async Task RestartSimulator()
    {
        _simulatorProcess = Run(typeof(StripeSimulatorHost).Assembly.Location, [.. _simulatorArgs, $"--EDTECH_STRIPE_JOURNAL={_journal}"]);
        await WorkerUnderTest.Until(
            async () =>
            {
                try
                {
                    using var response = await Stripe.GetAsync(new Uri("/", UriKind.Relative));
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"the Stripe simulator answers at {Stripe.BaseAddress}");
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(deadline.Token);
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>Starts the process (again) with the same settings, and waits until it is ready.</summary>
    public async Task Restart()
    {
        Begin();
        await Ready();
    }

    /// <summary>Starts the process (again) with the same settings.</summary>
    public void Begin() => _process = Run(_program, Args);

    internal void CountWrite() => Interlocked.Increment(ref _writes);

    /// <summary>What the processes printed, at most its last part.</summary>
    public string Printed
    {
        get
        {
            lock (_log)
            {
                return _log.ToString(Math.Max(0, _log.Length - 200_000), Math.Min(200_000, _log.Length));
            }
        }
    }

    /// <summary>All that the processes printed, to 50 million characters.</summary>
    public string AllPrinted
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Waits until the gateway and all workers are ready.</summary>
    public Task Ready() => WorkerUnderTest.Until(
        async () =>
        {
            if (_process is { HasExited: true })
            {
                throw new InvalidOperationException($"The platform's process ended with {_process.ExitCode}:\n{Printed}");
            }

            try
            {
                using var response = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        $"{Url}health/ready answers 200",
        TimeSpan.FromMinutes(3)); // with its servers it may have to wait for a machine that does too much

    Process Run(string assembly, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(assembly);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Log(line.Data);
        process.ErrorDataReceived += (_, line) => Log(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    string Value(string name) => Args.Last(a => a.StartsWith($"--{name}=", StringComparison.Ordinal))[(name.Length + 3)..];

    void Log(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
            if (_log.Length > 50_000_000)
            {
                _log.Remove(0, 25_000_000);
            }
        }
    }

    static async Task<PlatformUnderTest> Prepare((string Name, string Value)[] settings, IReadOnlyDictionary<string, string>? servers = null)
    {
        var infrastructure = await Infrastructure.Reserve(servers is null ? null : name => servers.GetValueOrDefault(name) ?? Infrastructure.Setting(name));
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        string[] args =
        [
            .. infrastructure.Args,
            $"--EDTECH_REDIS_PREFIX={infrastructure.Prefix}",
            $"--EDTECH_USERS_URL=http://127.0.0.1:{Infrastructure.FreePort()}",
            $"--EDTECH_LEARNING_URL=http://127.0.0.1:{Infrastructure.FreePort()}",
            $"--EDTECH_PAYMENTS_URL=http://127.0.0.1:{Infrastructure.FreePort()}",
            $"--EDTECH_COMMUNICATION_URL=http://127.0.0.1:{Infrastructure.FreePort()}",
            $"--EDTECH_ANALYTICS_URL=http://127.0.0.1:{Infrastructure.FreePort()}",
            $"--EDTECH_STRIPE_API=http://127.0.0.1:{Infrastructure.FreePort()}",
            "--EDTECH_STRIPE_SECRET_KEY=sk_test_platform",
            "--EDTECH_STRIPE_PUBLISHABLE_KEY=pk_test_platform",
            "--EDTECH_STRIPE_WEBHOOK_SECRET=whsec_platform",
            $"--EDTECH_AGORA_API=http://127.0.0.1:{Infrastructure.FreePort()}",
            "--EDTECH_AGORA_APP_ID=0123456789abcdef0123456789abcdef",
            "--EDTECH_AGORA_APP_CERTIFICATE=fedcba9876543210fedcba9876543210",
            "--EDTECH_AGORA_CUSTOMER_ID=platform",
            "--EDTECH_AGORA_CUSTOMER_SECRET=platform",
            "--EDTECH_AGORA_WEBHOOK_SECRET=agora_platform",
            $"--EDTECH_GATEWAY_URL={url.ToString().TrimEnd('/')}",
            $"--EDTECH_INSTANCE={infrastructure.Prefix}",
            "--Logging:Console:FormatterOptions:TimestampFormat=HH:mm:ss.f ",
            "--EDTECH_RATE_LIMIT=1000000",
            "--EDTECH_RATE_LIMIT_CREDENTIALS=1000000",
            .. settings.Select(s => $"--{s.Name}={s.Value}"),
        ];
        return new PlatformUnderTest(infrastructure, args, url);
    }

    /// <summary>Stops everything and gives the corner of the servers back.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var beside in _beside)
        {
            await beside.DisposeAsync();
        }

        Http.Dispose();
        Stripe.Dispose();
        Agora.Dispose();
        if (_joined is not null)
        {
            await _joined.Stop();
            await _joined.DisposeAsync();
        }

        if (_process is not null)
        {
            await Kill();
        }

        if (_simulator is not null)
        {
            await _simulator.StopAsync();
            await _simulator.DisposeAsync();
        }

        if (_simulatorProcess is not null)
        {
            await KillSimulator();
        }

        if (_agora is not null)
        {
            await _agora.StopAsync();
            await _agora.DisposeAsync();
        }

        File.Delete(_journal);
        if (_first is null)
        {
            await _infrastructure.DisposeAsync();
        }
    }
}
