using System.Net.Http.Headers;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EdTech.Testing;

/// <summary>One worker, run for real in this process on its own database and virtual host, asked as the gateway asks it.</summary>
public sealed class WorkerUnderTest : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    readonly List<HttpClient> _clients = [];
    MessageSession? _session;

    WorkerUnderTest(Infrastructure infrastructure) => Infrastructure = infrastructure;

    /// <summary>The worker's corner of the servers.</summary>
    public Infrastructure Infrastructure { get; }

    /// <summary>The host under test.</summary>
    public WebApplication Host { get; private set; } = null!;

    /// <summary>Hears every event.</summary>
    public BrokerProbe Probe { get; private set; } = null!;

    /// <summary>The worker's own database.</summary>
    public NpgsqlDataSource Db => Host.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>The settings the worker was started with.</summary>
    public IReadOnlyList<string> Args { get; private set; } = [];

    /// <summary>Starts a worker and waits until it consumes its queue.</summary>
    public static Task<WorkerUnderTest> Start(string shortName, Func<string[], WebApplication> build, params (string Name, string Value)[] settings)
        => Start(null, shortName, build, settings);

    /// <summary>Starts a worker on servers that the test may kill.</summary>
    public static async Task<WorkerUnderTest> Start(FaultyStack? servers, string shortName, Func<string[], WebApplication> build, params (string Name, string Value)[] settings)
    {
        var worker = new WorkerUnderTest(await Infrastructure.Reserve(servers is null ? null : name => servers.Settings.GetValueOrDefault(name) ?? Infrastructure.Setting(name)));
        var url = $"http://127.0.0.1:{Infrastructure.FreePort()}";
        worker.Args =
        [
            .. worker.Infrastructure.Args,
            $"--EDTECH_{shortName.ToUpperInvariant()}_URL={url}",
            $"--EDTECH_GATEWAY_URL=http://127.0.0.1:1",
            .. settings.Select(s => $"--{s.Name}={s.Value}"),
        ];
        worker.Probe = await BrokerProbe.Connect(worker.Infrastructure.RabbitMq);
        worker.Host = build([.. worker.Args]);
        await worker.Host.StartAsync();
        await Ready(worker.Host);
        worker._session = new MessageSession(
            new ConfigurationBuilder().AddCommandLine([.. worker.Args, $"--EDTECH_INSTANCE={Guid.NewGuid():N}"]).Build(), "EdTech.Tests", new SessionSubscriptions(), TimeProvider.System, NullLogger.Instance);
        await worker._session.StartAsync(CancellationToken.None);
        await Until(() => worker._session.IsReady, "the test's own session is ready");
        return worker;
    }

    /// <summary>Sends a command and returns the reply. A reply that does not come fails the test.</summary>
    public async Task<object> Ask(ICommand command, string? messageId = null, string? requestHash = null, Guid? actor = null)
        => await _session!.Request(command, new RequestOptions(messageId ?? Guid.CreateVersion7().ToString(), Patience, actor ?? ActorOf(command), requestHash))
            ?? throw new TimeoutException($"{command.GetType().Name} was not answered within {Patience.TotalSeconds} s.");

    /// <summary>Sends a command as a patient client does: again under the same id until it is answered, whatever breaks in between.</summary>
    public async Task<object> AskUntilAnswered(ICommand command)
    {
        var id = Guid.CreateVersion7().ToString();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                if (await _session!.Request(command, new RequestOptions(id, TimeSpan.FromSeconds(3), ActorOf(command)), deadline.Token) is { } answer)
                {
                    return answer;
                }
            }
            catch (BrokerUnavailableException) when (!deadline.IsCancellationRequested)
            {
                await Task.Delay(100, deadline.Token);
            }
        }
    }

    /// <summary>Sends a command whose outcome is an event.</summary>
    public Task Send(ICommand command) => _session!.Send(command);

    /// <summary>Sends a command that must be done.</summary>
    public async Task<Done> Done(ICommand command)
        => await Ask(command) switch
        {
            Done done => done,
            Refused refused => throw new InvalidOperationException($"{command.GetType().Name} was refused: {refused.Code}: {refused.Message}"),
            var other => throw new InvalidOperationException($"{command.GetType().Name} was answered by a {other.GetType().Name}."),
        };

    /// <summary>Sends a command that must be refused.</summary>
    public async Task<Refused> Refused(ICommand command)
        => await Ask(command) as Refused ?? throw new InvalidOperationException($"{command.GetType().Name} should have been refused and was not.");

    /// <summary>The internal API on behalf of an actor.</summary>
    public HttpClient Api(Actor? actor = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(Host.Urls.First()), Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Infrastructure.Setting("EDTECH_INTERNAL_KEY"));
        if (actor is not null && actor.Id != Guid.Empty)
        {
            client.DefaultRequestHeaders.Add(InternalApi.ActorHeader, actor.Id.ToString());
            client.DefaultRequestHeaders.Add(InternalApi.PermissionsHeader, string.Join(' ', actor.Permissions));
        }

        _clients.Add(client);
        return client;
    }

    /// <summary>The first event of this type that fits.</summary>
    public Task<T> Event<T>(Func<T, bool>? wanted = null)
        where T : IEvent
        => Probe.Event(wanted);

    /// <summary>All events of this type so far.</summary>
    public IReadOnlyList<T> Events<T>()
        where T : IEvent
        => Probe.Events<T>();

    /// <summary>Waits until a condition holds that gives no signal of its own.</summary>
    public static async Task Until(Func<bool> condition, string what) => await Until(() => Task.FromResult(condition()), what);

    /// <summary>Waits until a condition holds that gives no signal of its own.</summary>
    public static async Task Until(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException late)
            {
                throw new TimeoutException($"Waited {(patience ?? Patience).TotalSeconds} s in vain until {what}.", late);
            }
        }
    }

    /// <summary>Waits until a started worker consumes its queue.</summary>
    public static Task Ready(WebApplication worker) => Until(() => worker.Services.GetRequiredService<MessagePump>().IsConsuming, "the worker consumes its queue");

    static Guid ActorOf(ICommand command) => command.GetType().GetProperty("By")?.GetValue(command) is Actor by ? by.Id : Guid.Empty;

    /// <summary>Stops the worker and gives its corner of the servers back.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        if (_session is not null)
        {
            await _session.StopAsync(CancellationToken.None);
            _session.Dispose();
        }

        await Host.StopAsync();
        await Host.DisposeAsync();
        await Probe.DisposeAsync();
        await Infrastructure.DisposeAsync();
    }
}
