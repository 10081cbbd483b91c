using Dapper;
using EdTech.Hosting;

namespace EdTech.Users;

/// <summary>Local: somebody asked for a mail. The address waits in the database; only here is it looked up whether it has an account.</summary>
sealed record PrepareRequestedMail(Guid RequestId);

sealed class PrepareRequestedMailHandler : IHandleMessages<PrepareRequestedMail>
{
    public async Task Handle(PrepareRequestedMail message, IMessageHandlerContext context)
    {
        var found = await context.Db.QuerySingleOrDefaultAsync<Requested>(
            """
            WITH request AS (
                DELETE FROM users.mail_request
                WHERE request_id = @RequestId
                RETURNING email_normalised, purpose
            )
            SELECT a.account_id, r.purpose, a.email_verified_at IS NOT NULL AS Verified, a.password_hash IS NOT NULL AS HasPassword
            FROM request r
            JOIN users.account a ON a.email_normalised = r.email_normalised AND a.status = 'active'
            """,
            new { message.RequestId });

        switch (found)
        {
            case null or { Purpose: MailPurpose.Verify, Verified: true }:
                break;
            case { Purpose: MailPurpose.Verify, HasPassword: false }:
                // Contested before it was verified: whoever reads the mail sets the password.
                await context.OrderMail(found.AccountId, MailPurpose.Claim);
                break;
            default:
                await context.OrderMail(found.AccountId, found.Purpose);
                break;
        }
    }

    sealed record Requested
    {
        public Guid AccountId { get; init; }

        public string Purpose { get; init; } = "";

        public bool Verified { get; init; }

        public bool HasPassword { get; init; }
    }
}

/// <summary>Puts a request for a mail aside: the same work whether the address has an account or not.</summary>
static class MailRequests
{
    public static async Task RequestMail(this IMessageHandlerContext context, string emailNormalised, string purpose)
    {
        var requestId = Guid.CreateVersion7(context.Now);
        await context.Db.ExecuteAsync(
            """
            INSERT INTO users.mail_request (request_id, email_normalised, purpose, requested_at)
            VALUES (@requestId, @emailNormalised, @purpose, @Now)
            """,
            new { requestId, emailNormalised, purpose, context.Now });
        await context.SendLocal(new PrepareRequestedMail(requestId));
    }
}
