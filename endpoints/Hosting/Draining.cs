using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>
/// A stop that no request notices. At SIGTERM the program is no longer ready (<c>/health/ready</c> answers 503) but goes on serving for <c>EDTECH_DRAIN_SECONDS</c> (0 by default:
/// nobody stands in front of it), until load balancers have heard it and send their requests elsewhere; only then does the host stop. A second SIGTERM, or Ctrl+C, stops at once.
/// </summary>
public sealed class Draining : IHostLifetime, IDisposable
{
    readonly IHostApplicationLifetime _lifetime;
    readonly ILogger<Draining> _logger;
    readonly List<PosixSignalRegistration> _signals = [];
    int _begun;
    long _since;

    /// <summary>For the container.</summary>
    /// <exception cref="InvalidOperationException"><c>EDTECH_DRAIN_SECONDS</c> is no number from 0 to 300.</exception>
    public Draining(IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<Draining> logger)
    {
        _lifetime = lifetime;
        _logger = logger;
        Time = TimeSpan.FromSeconds(configuration["EDTECH_DRAIN_SECONDS"] is not { Length: > 0 } set ? 0
            : int.TryParse(set, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 300 ? seconds
            : throw new InvalidOperationException($"EDTECH_DRAIN_SECONDS is '{set}', not a whole number of seconds from 0 to 300."));
    }

    /// <summary>How long the program goes on serving after it was asked to stop.</summary>
    public TimeSpan Time { get; }

    /// <summary>Whether it was asked to stop: it wants no new work.</summary>
    public bool IsDraining => Volatile.Read(ref _begun) > 0;

    /// <summary>Whether half of <see cref="Time"/> is over: new connections go elsewhere by now, so those that would stay for ever can be sent there too.</summary>
    public bool IsHalfOver => IsDraining && System.Diagnostics.Stopwatch.GetElapsedTime(_since) * 2 >= Time;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Begin));
        foreach (var atOnce in new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            _signals.Add(PosixSignalRegistration.Create(atOnce, signal =>
            {
                signal.Cancel = true;
                _lifetime.StopApplication();
            }));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    void Begin(PosixSignalContext signal)
    {
        signal.Cancel = true; // the host ends the process
        _since = System.Diagnostics.Stopwatch.GetTimestamp();
        if (Interlocked.Increment(ref _begun) > 1 || Time == TimeSpan.Zero)
        {
            _lifetime.StopApplication();
            return;
        }

        _logger.LogInformation("Asked to stop: not ready any more, but serving for another {Seconds} s", Time.TotalSeconds);
        _ = Stop();

        async Task Stop()
        {
            await Task.Delay(Time);
            _lifetime.StopApplication();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _signals.ForEach(s => s.Dispose());
}

/// <summary>Registers <see cref="Draining"/>.</summary>
public static class DrainingSetup
{
    /// <summary>The host stops as <see cref="Draining"/> says.</summary>
    public static IServiceCollection AddDraining(this IServiceCollection services)
    {
        services.AddSingleton<Draining>();
        return services.AddSingleton<IHostLifetime>(p => p.GetRequiredService<Draining>());
    }

    /// <summary>While it drains each answer ends its connection, so that the caller's next request goes over a new one, elsewhere.</summary>
    public static IApplicationBuilder UseDraining(this IApplicationBuilder app)
    {
        var draining = app.ApplicationServices.GetRequiredService<Draining>();
        return app.Use((http, next) =>
        {
            if (draining.IsDraining && http.Request.Headers.Upgrade.Count == 0)
            {
                http.Response.Headers.Connection = "close";
            }

            return next(http);
        });
    }
}
