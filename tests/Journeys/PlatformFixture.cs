using EdTech.PlatformTesting;
using EdTech.Testing;
using EdTech.Tools;

[assembly: AssemblyFixture(typeof(EdTech.Journeys.PlatformFixture))]

namespace EdTech.Journeys;

/// <summary>The whole platform, run once for the assembly. A cohort signs in from one address, which the limits of a real platform would slow down.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    public PlatformUnderTest Platform { get; private set; } = null!;

    public async ValueTask InitializeAsync()
        => Platform = await PlatformUnderTest.Start(("EDTECH_RATE_LIMIT", "1000000"), ("EDTECH_RATE_LIMIT_CREDENTIALS", "1000000"), ("EDTECH_RECORDER_SECONDS", "1"));

    public ValueTask DisposeAsync() => Platform.DisposeAsync();

    internal HttpClient NewHttp() => PlatformClient.NewHttp(Platform.Url);

    internal static Mailbox Mailbox(HttpClient http) => new(http, new Uri(Infrastructure.Setting("EDTECH_MAIL_WEB")));
}
