using EdTech.Analytics;
using EdTech.Communication;
using EdTech.Gateway;
using EdTech.Learning;
using EdTech.Payments;
using EdTech.Users;
using Microsoft.AspNetCore.Builder;

namespace EdTech.Joined;

/// <summary>The gateway and every endpoint in one process: the same hosts that run one each elsewhere, on their own ports, talking over the same broker.</summary>
public sealed class JoinedPlatform : IAsyncDisposable
{
    readonly WebApplication[] _workers;
    readonly WebApplication _gateway;

    /// <summary>Builds all hosts with the same settings.</summary>
    public JoinedPlatform(string[] args)
    {
        args = ["--OTEL_SERVICE_NAME=EdTech.Joined", .. args]; // else that of whichever host registers first
        _workers = [UsersEndpoint.Build(args), LearningEndpoint.Build(args), PaymentsEndpoint.Build(args), CommunicationEndpoint.Build(args), AnalyticsEndpoint.Build(args)];
        _gateway = GatewayApp.Build(args);
    }

    /// <summary>The gateway's services, for tests.</summary>
    public IServiceProvider Gateway => _gateway.Services;

    /// <summary>Completes when any host asks to stop: a signal, or a failure that it cannot recover from.</summary>
    public Task Stopping
    {
        get
        {
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var host in _workers.Append(_gateway))
            {
                host.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
            }

            return stopping.Task;
        }
    }

    /// <summary>Starts the workers, then the gateway.</summary>
    public async Task Start()
    {
        await Task.WhenAll(_workers.Select(w => w.StartAsync()));
        await _gateway.StartAsync();
    }

    /// <summary>Stops the gateway first, so that what it has taken is still handled.</summary>
    public async Task Stop()
    {
        await _gateway.StopAsync();
        await Task.WhenAll(_workers.Select(w => w.StopAsync()));
    }

    /// <summary>Releases all hosts.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }
    }
}
