using System.Net;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>SIGTERM: no longer ready, still serving, then a good end.</summary>
public sealed class DrainsBeforeItStops
{
    [Fact]
    public async Task Who_is_asked_to_stop_says_so_and_serves_on_until_load_balancers_have_heard_it()
    {
        await using var platform = await PlatformUnderTest.StartProcess(("EDTECH_DRAIN_SECONDS", "4"));
        var person = await Person.Register(platform);

        var end = platform.Terminate();
        await WorkerUnderTest.Until(
            async () =>
            {
                using var ready = await platform.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return ready.StatusCode == HttpStatusCode.ServiceUnavailable;
            },
            "it is no longer ready");
        using var me = await person.Send(HttpMethod.Get, "/v1/me");

        me.StatusCode.ShouldBe(HttpStatusCode.OK);
        me.Headers.ConnectionClose.ShouldBe(true, "the next request goes elsewhere");
        (await end).ShouldBe(0);
    }
}
