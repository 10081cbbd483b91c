using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>The crash net: sends what a crash left in the outbox, and removes inbox rows past their retention.</summary>
sealed class OutboxSweeper(EndpointRuntime runtime, MessagePump pump) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // Long enough that a dispatch on its way after the commit is not overtaken, short enough that a crash is healed in seconds.
    static readonly TimeSpan Age = TimeSpan.FromSeconds(5);
    const int Limit = 500;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, runtime.Time);
        for (var tick = 0; await timer.WaitForNextTickAsync(stoppingToken); tick++)
        {
            if (!pump.IsRunning)
            {
                continue;
            }

            try
            {
                int sent;
                do
                {
                    sent = await runtime.Storage.Sweep(Age, Limit, m => runtime.Publisher.Publish(m, runtime.Time.GetUtcNow(), stoppingToken), stoppingToken);
                    if (sent > 0)
                    {
                        Telemetry.Swept.Add(sent, new KeyValuePair<string, object?>("messaging.destination.name", runtime.Host.Endpoint));
                        runtime.Logger.LogInformation("{Count} messages left by an interruption were sent from {Endpoint}'s outbox", sent, runtime.Host.Endpoint);
                    }
                }
                while (sent >= Limit);

                if (tick % 5 == 0 && Telemetry.BacklogIsWatched)
                {
                    Telemetry.Waits(runtime.Host.Endpoint, await runtime.Storage.Measure(stoppingToken));
                }

                if (tick % 300 == 0)
                {
                    await runtime.Storage.RemoveOld(runtime.Worker.InboxRetention, stoppingToken);
                }
            }
            catch (Exception e) when (runtime.Storage.IsFailure(e) || e is BrokerUnavailableException or RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                runtime.Logger.LogWarning("{Endpoint}'s outbox is swept later: {Reason}", runtime.Host.Endpoint, e.Message);
            }
        }
    }
}
