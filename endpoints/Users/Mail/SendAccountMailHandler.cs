using Dapper;
using EdTech.Hosting;
using MailKit.Net.Smtp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using MimeKit;
using Npgsql;

namespace EdTech.Users;

sealed class SendAccountMailHandler(NpgsqlDataSource db, UsersSecrets secrets, MailServer server, IConfiguration configuration, ILogger<SendAccountMailHandler> log)
    : IHandleOutsideCalls<SendAccountMail>
{
    public async Task Handle(SendAccountMail message, IMessageHandlerContext context)
    {
        var mail = await Load(message.MailId, context.CancellationToken);
        if (mail is null)
        {
            // Cleaned up, or the account has lost the address meanwhile: nobody is to receive it.
            log.LogInformation("Mail {MailId} is not sent: it has no addressee any more", message.MailId);
            return;
        }

        var token = mail.Purpose is MailPurpose.Verify or MailPurpose.Claim or MailPurpose.Reset
            ? AccountMails.Token(secrets, message.MailId, mail.AccountId, mail.Purpose)
            : null;
        var publicUrl = configuration.PublicUrl();
        var content = AccountMailText.Write(mail.Purpose, mail.DisplayName, publicUrl, token);
        using var mime = new MimeMessage
        {
            // A second delivery of this message makes the same mail, which mail systems then recognise.
            MessageId = $"{message.MailId:N}@{new Uri(publicUrl).Host}",
            Date = new DateTimeOffset(mail.CreatedAt, TimeSpan.Zero),
            Subject = content.Subject,
            Body = new BodyBuilder { TextBody = content.Text, HtmlBody = content.Html }.ToMessageBody(),
        };
        mime.From.Add(server.From);
        mime.To.Add(new MailboxAddress(null, mail.Email));
        mime.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");

        try
        {
            await server.Send(mime, context.CancellationToken);
        }
        catch (SmtpCommandException refusal) when (refusal.ErrorCode == SmtpErrorCode.RecipientNotAccepted && (int)refusal.StatusCode >= 500)
        {
            // Whoever registers an address that does not exist must not fill the error queue.
            log.LogWarning("Mail {MailId} was refused for good: the mail server answered {Status}", message.MailId, (int)refusal.StatusCode);
        }
    }

    async Task<Addressed?> Load(Guid mailId, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<Addressed>(new CommandDefinition(
            """
            SELECT m.account_id, m.purpose, m.created_at, a.email, p.display_name
            FROM users.account_mail m
            JOIN users.account a USING (account_id)
            JOIN users.profile p USING (account_id)
            WHERE m.mail_id = @mailId AND a.email IS NOT NULL
            """,
            new { mailId },
            cancellationToken: ct));
    }

    sealed record Addressed
    {
        public Guid AccountId { get; init; }

        public string Purpose { get; init; } = "";

        public DateTime CreatedAt { get; init; }

        public string Email { get; init; } = "";

        public string DisplayName { get; init; } = "";
    }
}
