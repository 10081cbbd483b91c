using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdTech.PlatformTesting;
using EdTech.Testing;

namespace EdTech.Chaos;

/// <summary>HAProxy in front of the gateways and of each endpoint's internal HTTP: it asks each instance for <c>/health/ready</c> and sends nothing to who says no.</summary>
sealed class Balancer : IAsyncDisposable
{
    readonly string _file = Path.Combine(Path.GetTempPath(), $"edtech-balancer-{Guid.NewGuid():N}.cfg");
    readonly Uri _statistics = new($"http://127.0.0.1:{Infrastructure.FreePort()}/;csv");
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    readonly Process _process;

    /// <param name="services">Where each listens, and its instances.</param>
    public Balancer(IEnumerable<(Uri Address, IReadOnlyList<Uri> Instances)> services)
    {
        var text = new StringBuilder(
            $"""
            global
              maxconn 4000
            defaults
              mode http
              timeout connect 2s
              timeout client 90s
              timeout server 90s
              timeout tunnel 1h
              timeout check 5s
              option redispatch
              option httpchk GET /health/ready
              http-check expect status 200
              default-server inter 500ms fall 2 rise 1
            listen statistics
              bind 127.0.0.1:{_statistics.Port}
              stats enable
              stats uri /

            """);
        foreach (var (address, instances) in services)
        {
            text.Append(CultureInfo.InvariantCulture, $"listen s{address.Port}\n  bind 127.0.0.1:{address.Port}\n");
            foreach (var instance in instances)
            {
                text.Append(CultureInfo.InvariantCulture, $"  server i{instance.Port} 127.0.0.1:{instance.Port} check\n");
            }
        }

        File.WriteAllText(_file, text.ToString());
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/haproxy", ["-db", "-q", "-f", _file]) { UseShellExecute = false })
            ?? throw new InvalidOperationException("HAProxy could not be started: ops/stack balancer installs it.");
    }

    /// <summary>Waits until requests are sent to an instance.</summary>
    public Task Sends(Uri instance) => WorkerUnderTest.Until(
        async () =>
        {
            try
            {
                return (await _http.GetStringAsync(_statistics)).Split('\n').Any(l => l.Contains($",i{instance.Port},", StringComparison.Ordinal) && l.Contains(",UP,", StringComparison.Ordinal));
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        $"the load balancer sends requests to {instance}",
        TimeSpan.FromMinutes(3));

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        File.Delete(_file);
    }
}
