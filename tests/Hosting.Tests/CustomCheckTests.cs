using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdTech.Academy;
using EdTech.Contracts.Academy;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Hosting.Tests;

/// <summary>What endpoints check of what they stand on.</summary>
public sealed class CustomCheckTests(AcademyFixture academy)
{
    readonly WorkerUnderTest _worker = academy.Worker;

    [Fact]
    public async Task A_healthy_endpoint_passes_all_its_checks()
    {
        var checks = _worker.Host.Services.GetServices<CustomCheck>().ToArray();

        checks.Select(c => c.Id).Order(StringComparer.Ordinal).ShouldBe(["Chalk", "Disk has room", "Queue is worked off", "Storage answers"]);
        foreach (var check in checks)
        {
            (await FailureOf(_worker.Host, check.Id)).ShouldBeNull(check.Id);
        }
    }

    [Fact]
    public async Task A_queue_that_grows_fails_until_it_is_worked_off()
    {
        await using var worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build);
        await worker.Host.StopAsync();
        await using var second = AcademyEndpoint.Build([.. worker.Args]);
        second.Services.GetRequiredService<EndpointRuntime>().Worker.QueueLagLimit = 2;
        for (var i = 0; i < 3; i++)
        {
            await worker.Send(new GradePaper(Guid.CreateVersion7()));
        }

        (await FailureOf(second, "Queue is worked off")).ShouldBe("3 messages wait in EdTech.Academy, more than 2.");
        await second.StartAsync();

        await WorkerUnderTest.Until(async () => await FailureOf(second, "Queue is worked off") is null, "the queue is worked off");
        await second.StopAsync();
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_told_in_time()
    {
        var file = Path.GetTempFileName();
        await using var host = AcademyEndpoint.Build([.. _worker.Args, $"--EDTECH_POSTGRES={Infrastructure.Setting("EDTECH_POSTGRES")};SSL Certificate={file}"]);
        await Write(DateTimeOffset.UtcNow.AddDays(13));
        (await FailureOf(host, "Certificates are valid"))!.ShouldStartWith($"The certificate {Path.GetFileName(file)} ends at ");
        await Write(DateTimeOffset.UtcNow.AddDays(90));
        (await FailureOf(host, "Certificates are valid")).ShouldBeNull();
        File.Delete(file);

        async Task Write(DateTimeOffset until)
        {
            using var key = ECDsa.Create();
            using var certificate = new CertificateRequest("CN=tests", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), until);
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        }
    }

    [Fact]
    public async Task Servers_that_are_away_fail_and_companies_that_answer_anything_pass()
    {
        var away = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        var answering = new Uri(_worker.Host.Urls.First());
        await using var host = WorkerHost.Build(
            new Worker("EdTech.Academy", typeof(AcademyEndpoint).Assembly) { Among = t => t.Namespace == typeof(AcademyEndpoint).Namespace }
                .Services(services => services.AddRedis().AddStreamProducer()
                    .AddSingleton(CustomCheck.Reachable("Nobody", _ => away))
                    .AddSingleton(CustomCheck.Reachable("Somebody", _ => new Uri(answering, "/no/such/thing")))),
            [.. _worker.Args, $"--EDTECH_POSTGRES=Host=127.0.0.1;Port={away.Port};Username=nobody;Timeout=2"]);

        (await FailureOf(host, "Somebody")).ShouldBeNull();
        (await FailureOf(host, "Nobody"))!.ShouldContain("refused");
        (await FailureOf(host, "Storage answers"))!.ShouldContain("Failed to connect");
        (await FailureOf(host, "Redis answers"))!.ShouldStartWith("Redis is away");
        (await FailureOf(host, "Kafka answers")).ShouldBeNull();
        foreach (var redis in host.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<RedisConnection>())
        {
            await redis.StartAsync(TestContext.Current.CancellationToken);
        }

        (await FailureOf(host, "Redis answers")).ShouldBeNull();
    }

    /// <summary>As the reporter asks it.</summary>
    static Task<string?> FailureOf(WebApplication host, string check)
        => ServiceControlReporter.FailureOf(host.Services.GetServices<CustomCheck>().Single(c => c.Id == check), host.Services, TimeProvider.System, TestContext.Current.CancellationToken);
}
