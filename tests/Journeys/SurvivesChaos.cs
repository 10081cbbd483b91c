using EdTech.Chaos;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>The promises of all domains under twenty faults, as <c>ops/chaos</c> makes them by hundreds. EDTECH_FAULTS and EDTECH_SEED change number and order.</summary>
[Collection("servers that are killed")]
public sealed class SurvivesChaos(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_acknowledged_is_there_once_whatever_was_killed_or_cut()
    {
        var report = await ChaosRun.Run(new ChaosOptions(Setting("EDTECH_SEED", 20261123), Setting("EDTECH_FAULTS", 20), TimeSpan.FromMinutes(4)), output.WriteLine, "postgres rabbitmq redis kafka dynamodb");

        report.Violations.ShouldBeEmpty();
        report.Disturbances.ShouldBeGreaterThan(0);
    }

    static int Setting(string name, int otherwise)
        => int.Parse(Environment.GetEnvironmentVariable(name) ?? $"{otherwise}", System.Globalization.CultureInfo.InvariantCulture);
}
