using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>Whoever reads the address's mail sets the password: all sessions end, and the address counts as verified.</summary>
static class ResetPasswordRoute
{
    static readonly string[] Purposes = [MailPurpose.Reset, MailPurpose.Claim];

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/password-resets/complete", Handle);

    static async Task<IResult> Handle(
        ResetPassword request, HttpContext http, NpgsqlDataSource db, ITransactionalSession session, PasswordHasher hasher, SignInThrottle throttle, UsersSecrets secrets, CancellationToken ct)
    {
        var holder = await Holder(db, secrets, request.Token, ct);
        if (holder is not null && PasswordPolicy.Fault(request.NewPassword, holder.EmailNormalised, holder.DisplayName) is { } fault)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, fault.Code, fault.Message, new Dictionary<string, string> { ["newPassword"] = fault.Message });
        }

        // Only a token of ours is worth a hash; all else is refused below, where a repeat of a finished reset finds its answer.
        var hash = holder is null ? null : await hasher.Hash(request.NewPassword, ct);
        var reply = await session.RunOnce(http, secrets, async context =>
        {
            if (await context.TakeToken(secrets, request.Token, Purposes) is not { } token)
            {
                return;
            }

            await SetPassword(context, token.AccountId, hash!);
            await context.Reply(new Done(token.AccountId));
        }, ct);

        if (reply is Done && holder?.EmailNormalised is { } email)
        {
            await throttle.Succeeded(email, ct);
        }

        return CredentialRoute.Answer(reply);
    }

    static async Task SetPassword(IMessageHandlerContext context, Guid accountId, string hash)
    {
        // What was set up before the address was proven may be somebody else's.
        await context.Db.ExecuteAsync(
            """
            DELETE FROM users.social_login l
            USING users.account a
            WHERE l.account_id = @accountId AND a.account_id = @accountId AND a.email_verified_at IS NULL
            """,
            new { accountId });
        await VerifiedAddress.Mark(context, accountId);
        await context.Db.ExecuteAsync(
            """
            UPDATE users.account
            SET password_hash = @hash
            WHERE account_id = @accountId;

            UPDATE users.account_mail
            SET used_at = @Now
            WHERE account_id = @accountId AND purpose = ANY(@Purposes) AND used_at IS NULL;
            """,
            new { accountId, hash, Purposes, context.Now });
        await SessionRevocation.RevokeAll(context, accountId, "password_reset");
        await context.Record(accountId, accountId, "password.reset");
        await context.OrderMail(accountId, MailPurpose.PasswordChanged);
    }

    static async Task<TokenHolder?> Holder(NpgsqlDataSource db, UsersSecrets secrets, string token, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var found = await AccountMails.Find(connection, secrets, token, Purposes);
        return found is null or { Used: true }
            ? null
            : await connection.QuerySingleOrDefaultAsync<TokenHolder>(new CommandDefinition(
                """
                SELECT a.email_normalised, p.display_name
                FROM users.account a
                JOIN users.profile p USING (account_id)
                WHERE a.account_id = @AccountId
                """,
                new { found.AccountId },
                cancellationToken: ct));
    }

    sealed record TokenHolder
    {
        public string? EmailNormalised { get; init; }

        public string DisplayName { get; init; } = "";
    }
}
