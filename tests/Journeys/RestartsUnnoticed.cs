using EdTech.Chaos;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>Every program is restarted behind a load balancer, three at a time, while everybody is at work.</summary>
[Collection("servers that are killed")]
public sealed class RestartsUnnoticed(ITestOutputHelper output)
{
    [Fact]
    public async Task No_request_fails_while_every_process_is_restarted()
    {
        var report = await RollingRun.Run(atOnce: 3, output.WriteLine, "postgres rabbitmq redis kafka dynamodb");

        report.Violations.ShouldBeEmpty();
        report.Disturbances.ShouldBe(12);
    }
}
