using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EdTech.Hosting;

/// <summary>The SMTP server, by <c>EDTECH_SMTP</c>: <c>smtp://host:port</c> or <c>smtps://user:password@host:port</c>.</summary>
public sealed class MailServer(IConfiguration configuration)
{
    // A server that is away or hangs costs a few tries, not all the time of those who also wait for other work of the endpoint.
    readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder()
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            SamplingDuration = TimeSpan.FromSeconds(60),
            MinimumThroughput = 5,
            FailureRatio = 0.5,
            BreakDuration = TimeSpan.FromSeconds(5),
            // A refused address is an answer.
            ShouldHandle = static call => ValueTask.FromResult(call.Outcome.Exception is not (null or SmtpCommandException)),
        })
        .AddTimeout(TimeSpan.FromSeconds(15))
        .Build();

    readonly Uri _address = new(configuration.Required("EDTECH_SMTP"));

    /// <summary>Who our mails are from: <c>EDTECH_MAIL_FROM</c>.</summary>
    public MailboxAddress From { get; } = MailboxAddress.Parse(configuration["EDTECH_MAIL_FROM"] ?? "EdTech <no-reply@edtech.example>");

    /// <summary>Hands one mail to the server within 15 s; done when it has taken it.</summary>
    /// <exception cref="ExecutionRejectedException">It took too long, or the server was away so often that it is not asked for some seconds.</exception>
    public async Task Send(MimeMessage mime, CancellationToken ct) => await _pipeline.ExecuteAsync(async deadline => await Deliver(mime, deadline), ct);

    async Task Deliver(MimeMessage mime, CancellationToken ct)
    {
        using var client = new SmtpClient { Timeout = 10_000 };
        var security = _address.Scheme == "smtps" ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable;
        await client.ConnectAsync(_address.Host, _address.Port > 0 ? _address.Port : 25, security, ct);
        if (_address.UserInfo.Split(':') is [{ Length: > 0 } user, var password])
        {
            await client.AuthenticateAsync(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password), ct);
        }

        await client.SendAsync(mime, ct);
        await client.DisconnectAsync(quit: true, ct);
    }
}
