using System.Reflection;
using EdTech.Analytics;
using EdTech.Communication;
using EdTech.Gateway;
using EdTech.Learning;
using EdTech.Payments;
using EdTech.PlatformTesting;
using EdTech.Testing;
using EdTech.Users;
using Shouldly;

namespace EdTech.Chaos;

/// <summary>Two instances of each program behind a load balancer, restarted by SIGTERM while everybody is at work: no request fails.</summary>
public static class RollingRun
{
    const int DrainSeconds = 4;
    static readonly Assembly[] Programs =
    [
        typeof(UsersEndpoint).Assembly, typeof(LearningEndpoint).Assembly, typeof(PaymentsEndpoint).Assembly,
        typeof(CommunicationEndpoint).Assembly, typeof(AnalyticsEndpoint).Assembly, typeof(GatewayApp).Assembly,
    ];

    /// <summary>Brings everything up, restarts every process, checks, reports, takes everything down.</summary>
    /// <param name="atOnce">How many programs are restarted at the same time, one instance of each; 1 to 6.</param>
    /// <param name="print">Takes each line of the report.</param>
    /// <param name="services">The servers of this run's own; the others are the environment's.</param>
    public static async Task<ChaosReport> Run(int atOnce, Action<string> print, string services = "postgres rabbitmq redis mail kafka dynamodb")
    {
        await using var servers = await FaultyStack.Up(services);
        await using var platform = await PlatformUnderTest.Reserve(
            servers.Settings, ("EDTECH_ADMIN_EMAIL", Trial.AdminEmail), ("EDTECH_ADMIN_PASSWORD", Trial.AdminPassword), ("EDTECH_DRAIN_SECONDS", $"{DrainSeconds}"));
        await platform.RestartSimulator();
        var instances = new[] { "a", "b" }.SelectMany(i => Programs.Select(p => (Program: p, Process: platform.Beside(p, $"{p.GetName().Name}-{i}")))).ToArray();
        await using var balancer = new Balancer(Programs.Select(p => (platform.AddressOf(p), (IReadOnlyList<Uri>)[.. instances.Where(i => i.Program == p).Select(i => i.Process.Url)])));
        await using var trial = new Trial(print, servers, platform, [platform, platform], seed: 1);
        var restarted = 0;
        try
        {
            foreach (var (_, process) in instances)
            {
                process.Begin();
            }

            await Task.WhenAll(instances.Select(i => balancer.Sends(i.Process.Url)));
            trial.Say($"{instances.Length} processes are up behind the load balancer");
            await trial.Begin();
            foreach (var now in instances.Chunk(atOnce))
            {
                var writes = platform.Writes;
                await Task.WhenAll(now.Select(async i =>
                {
                    (await i.Process.Terminate()).ShouldBe(0, $"{i.Program.GetName().Name} ends in good order");
                    await i.Process.Restart();
                    await balancer.Sends(i.Process.Url);
                }));
                restarted += now.Length;
                trial.Say($"{restarted,4}  {string.Join(", ", now.Select(i => i.Program.GetName().Name))} restarted; {platform.Writes - writes} writes meanwhile, {platform.Failures.Count} requests failed so far");
            }

            await trial.Check("no request failed while every process was restarted", () => Task.Run(() => platform.Failures.ShouldBeEmpty()));
            await trial.End();
            await trial.CheckAll();
        }
        catch (Exception e)
        {
            trial.Violations.Add($"The run itself failed: {e}");
        }

        trial.Conclude(instances.Select(i => i.Process), "ops/chaos rolling");
        return new ChaosReport(restarted, trial.Violations);
    }
}
