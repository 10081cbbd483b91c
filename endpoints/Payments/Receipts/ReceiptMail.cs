using EdTech.Hosting;
using MailKit.Net.Smtp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace EdTech.Payments;

/// <summary>Mails about money: text, HTML and the receipt as PDF.</summary>
sealed class ReceiptMail(MailServer server, IConfiguration configuration, ILogger<ReceiptMail> log)
{
    /// <param name="id">What the mail is about: a second delivery makes the same mail, which mail systems then recognise.</param>
    /// <param name="kind">Tells mails about the same thing apart.</param>
    /// <param name="at">When what it tells happened.</param>
    /// <param name="address">To whom.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">The plain body.</param>
    /// <param name="html">The HTML body.</param>
    /// <param name="pdf">What is attached.</param>
    /// <param name="fileName">Under which name.</param>
    /// <param name="ct">Stops it.</param>
    public async Task Send(Guid id, string kind, DateTimeOffset at, string address, string subject, string text, string html, byte[] pdf, string fileName, CancellationToken ct)
    {
        var body = new BodyBuilder { TextBody = text, HtmlBody = html };
        body.Attachments.Add(fileName, pdf, new ContentType("application", "pdf"));
        using var mime = new MimeMessage
        {
            MessageId = $"{kind}-{id:N}@{new Uri(configuration.PublicUrl()).Host}",
            Date = at,
            Subject = subject,
            Body = body.ToMessageBody(),
        };
        mime.From.Add(server.From);
        mime.To.Add(new MailboxAddress(null, address));
        mime.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        try
        {
            await server.Send(mime, ct);
        }
        catch (SmtpCommandException refusal) when (refusal.ErrorCode == SmtpErrorCode.RecipientNotAccepted && (int)refusal.StatusCode >= 500)
        {
            log.LogWarning("The {Kind} mail {Id} was refused for good: the mail server answered {Status}", kind, id, (int)refusal.StatusCode);
        }
    }
}
