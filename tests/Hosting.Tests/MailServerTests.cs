using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using MimeKit;
using Polly.CircuitBreaker;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class MailServerTests
{
    [Fact]
    public async Task A_server_that_hangs_up_is_left_alone_for_a_while()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var calls = 0;
        var answering = Task.Run(async () =>
        {
            while (true)
            {
                using var connection = await listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref calls);
            }
        });
        var server = new MailServer(new ConfigurationBuilder().AddInMemoryCollection([new("EDTECH_SMTP", $"smtp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")]).Build());

        var failures = new List<Exception>();
        for (var i = 0; i < 8; i++)
        {
            using var mail = new MimeMessage { Subject = "Hello", Body = new TextPart { Text = "Hello." } };
            mail.From.Add(server.From);
            mail.To.Add(server.From);
            failures.Add(await Should.ThrowAsync<Exception>(() => server.Send(mail, TestContext.Current.CancellationToken)));
        }

        calls.ShouldBe(5);
        failures.Take(5).ShouldAllBe(f => !(f is BrokenCircuitException));
        failures.Skip(5).ShouldAllBe(f => f is BrokenCircuitException);
        listener.Stop();
        await Should.ThrowAsync<SocketException>(answering);
    }
}
