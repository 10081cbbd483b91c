using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;

namespace EdTech.Hosting;

/// <summary>The SMTP server, by <c>EDTECH_SMTP</c>: <c>smtp://host:port</c> or <c>smtps://user:password@host:port</c>.</summary>
public sealed class MailServer(IConfiguration configuration)
{
    readonly Uri _address = new(configuration.Required("EDTECH_SMTP"));

    /// <summary>Who our mails are from: <c>EDTECH_MAIL_FROM</c>.</summary>
    public MailboxAddress From { get; } = MailboxAddress.Parse(configuration["EDTECH_MAIL_FROM"] ?? "EdTech <no-reply@edtech.example>");

    /// <summary>Hands one mail to the server; done when it has taken it.</summary>
    public async Task Send(MimeMessage mime, CancellationToken ct)
    {
        using var client = new SmtpClient { Timeout = 10_000 };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        var security = _address.Scheme == "smtps" ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable;
        await client.ConnectAsync(_address.Host, _address.Port > 0 ? _address.Port : 25, security, deadline.Token);
        if (_address.UserInfo.Split(':') is [{ Length: > 0 } user, var password])
        {
            await client.AuthenticateAsync(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password), deadline.Token);
        }

        await client.SendAsync(mime, deadline.Token);
        await client.DisconnectAsync(quit: true, deadline.Token);
    }
}
