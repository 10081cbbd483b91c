using System.Diagnostics;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>Runs the README's lines as a newcomer would.</summary>
public sealed class ReadmeIsTrue
{
    [Fact]
    public async Task The_lines_under_By_hand_lead_to_a_verified_certificate_to_a_course_bought_and_given_back_and_to_a_message_that_arrives()
    {
        await using var platform = await PlatformUnderTest.StartProcess();
        var readme = await File.ReadAllTextAsync(Path.Combine(FaultyStack.Repository, "README.md"));
        var lines = string.Join('\n', readme.Split("```sh\n")[1..].Select(block => block.Split("\n```")[0]));

        var start = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = FaultyStack.Repository };
        start.Environment["EDTECH_GATEWAY_URL"] = platform.Url.ToString().TrimEnd('/');
        start.Environment["EDTECH_STRIPE_API"] = platform.Stripe.BaseAddress!.ToString().TrimEnd('/');
        using var bash = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = bash.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = bash.StandardError.ReadToEndAsync(deadline.Token);
        await bash.StandardInput.WriteAsync("set -euo pipefail\n" + lines + "\n");
        bash.StandardInput.Close();
        await bash.WaitForExitAsync(deadline.Token);

        bash.ExitCode.ShouldBe(0, $"{await errors}\n{await output}\n{platform.Printed}");
        (await output).ShouldContain("\"valid\":true");
        (await output).ShouldContain("the purchase is fulfilled");
        (await output).ShouldContain("the purchase is refunded");
        (await output).ShouldContain("the message has arrived");
    }
}
