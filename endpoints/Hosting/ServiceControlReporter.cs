using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>Registers the endpoint with ServiceControl at start; then every 10 s a heartbeat and metrics, and the results of the custom checks in their own time.</summary>
sealed class ServiceControlReporter(EndpointRuntime runtime, MessagePump pump, IServiceProvider services) : BackgroundService
{
    const string Queue = "Particular.ServiceControl";
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);
    readonly HostIdentity _host = runtime.Host;
    readonly ServiceControl _serviceControl = runtime.ServiceControl;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_serviceControl.Enabled)
        {
            return;
        }

        await pump.Started.WaitAsync(stoppingToken);
        await Task.WhenAll([Beat(stoppingToken), .. services.GetServices<CustomCheck>().Select(c => Check(c, stoppingToken))]);
    }

    async Task Beat(CancellationToken ct)
    {
        var startedAt = runtime.Time.GetUtcNow().UtcDateTime;
        var registered = await Register(startedAt, ct);
        using var timer = new PeriodicTimer(Interval, runtime.Time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            registered = registered || await Register(startedAt, ct);
            await Send("ServiceControl.Plugin.Heartbeat.Messages.EndpointHeartbeat", new
            {
                ExecutedAt = runtime.Time.GetUtcNow().UtcDateTime,
                EndpointName = _host.Endpoint,
                _host.HostId,
                Host = _host.DisplayName,
            }, Interval, ct);
            var (headers, body) = _serviceControl.Metrics.Metadata();
            await _serviceControl.Send(MetricsReporter.Queue, headers, body, MetricsReporter.Expiration, ct);
            _serviceControl.Metrics.Flush();
            _serviceControl.LogLost();
        }
    }

    Task<bool> Register(DateTime startedAt, CancellationToken ct)
        => Send("ServiceControl.Plugin.Heartbeat.Messages.RegisterEndpointStartup", new
        {
            _host.HostId,
            _host.Endpoint,
            StartedAt = startedAt,
            HostProperties = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Machine"] = OutgoingMessage.Machine,
                ["ProcessID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
                ["UserName"] = Environment.UserName,
                ["PathToExecutable"] = AppContext.BaseDirectory,
            },
            HostDisplayName = _host.DisplayName,
            Host = _host.DisplayName,
        }, Interval, ct);

    async Task Check(CustomCheck check, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(check.Interval, runtime.Time);
        string? before = null;
        do
        {
            var failure = await FailureOf(check, services, runtime.Time, ct);
            if (failure is not null && before is null)
            {
                runtime.Logger.LogWarning("{Endpoint}: {Check} fails: {Reason}", _host.Endpoint, check.Id, failure);
            }

            before = failure;
            await Send("ServiceControl.Plugin.CustomChecks.Messages.ReportCustomCheckResult", new
            {
                _host.HostId,
                CustomCheckId = check.Id,
                check.Category,
                HasFailed = failure is not null,
                FailureReason = failure,
                ReportedAt = runtime.Time.GetUtcNow().UtcDateTime,
                EndpointName = _host.Endpoint,
                Host = _host.DisplayName,
            }, check.Interval, ct);
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    public static async Task<string?> FailureOf(CustomCheck check, IServiceProvider services, TimeProvider time, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(CheckTimeout);
        try
        {
            return await check.FailureOf(services, timeout.Token).WaitAsync(CheckTimeout, time, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return e is OperationCanceledException or TimeoutException ? $"No answer within {CheckTimeout.TotalSeconds} s." : e.Message;
        }
    }

    /// <summary>What was not read after four intervals is out of date.</summary>
    Task<bool> Send(string type, object body, TimeSpan interval, CancellationToken ct) => _serviceControl.Send(Queue, type, body, 4 * interval, ct);
}
