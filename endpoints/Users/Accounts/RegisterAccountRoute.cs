using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>
/// Whether the address was free, taken or only claimed, the caller sees the same: two hashes, one transaction, one sentence. What happened is
/// told by mail, to whoever reads the address's mail.
/// </summary>
static class RegisterAccountRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/accounts", Handle);

    static async Task<IResult> Handle(
        RegisterAccount request, HttpContext http, NpgsqlDataSource db, ITransactionalSession session, PasswordHasher hasher, UsersSecrets secrets, CancellationToken ct)
    {
        if (EmailAddress.Normalise(request.Email) is not { } email)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "email.malformed", "This is not an e-mail address.", new Dictionary<string, string> { ["email"] = "This is not an e-mail address." });
        }

        if (PasswordPolicy.Fault(request.Password, email, request.DisplayName) is { } fault)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, fault.Code, fault.Message, new Dictionary<string, string> { ["password"] = fault.Message });
        }

        if ((ProfileRules.IsName(request.DisplayName) ? ProfileRules.Fault(request.Locale ?? "en", request.TimeZone ?? "Etc/UTC", avatarUrl: null) : ProfileRules.BadName) is { } profileFault)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, profileFault.Code, profileFault.Message, new Dictionary<string, string> { [profileFault.Field] = profileFault.Message });
        }

        // Always two hashes: the second tells somebody who registers twice from somebody else who registers the same address.
        var claimedHash = await ClaimedHash(db, email, ct);
        var samePassword = await hasher.Verify(request.Password, claimedHash, ct);
        var hash = await hasher.Hash(request.Password, ct);

        return CredentialRoute.Answer(await session.RunOnce(http, secrets, async context =>
        {
            var accountId = Guid.CreateVersion7(context.Now);
            if (await NewAccounts.Insert(context, accountId, request.Email.Trim(), email, hash, verified: false))
            {
                await NewAccounts.Complete(context, accountId, request.DisplayName.Trim(), request.Locale ?? "en", request.TimeZone ?? "Etc/UTC");
                await context.OrderMail(accountId, MailPurpose.Verify);
            }
            else
            {
                await TellTheAddress(context, email, samePassword ? claimedHash : null);
            }

            await context.Reply(new MailOnItsWay("If the address can be used, a mail is on its way to it. Follow it to verify the address."));
        }, ct));
    }

    static async Task TellTheAddress(IMessageHandlerContext context, string email, string? hashOfSamePassword)
    {
        var existing = await context.Db.QuerySingleOrDefaultAsync<Existing>(
            """
            SELECT account_id, email_verified_at IS NOT NULL AS Verified, password_hash
            FROM users.account
            WHERE email_normalised = @email
            FOR NO KEY UPDATE
            """,
            new { email });
        switch (existing)
        {
            case null:
                throw new InvalidOperationException("The address of a registration was taken a moment ago and is free now. Retrying the request settles it.");
            case { Verified: true }:
                await context.OrderMail(existing.AccountId, MailPurpose.AlreadyRegistered);
                break;
            case { PasswordHash: { } hash } when hash == hashOfSamePassword:
                await context.OrderMail(existing.AccountId, MailPurpose.Verify);
                break;
            case { PasswordHash: null }:
                // Contested before. Tokens mailed since then stay good, or anybody could keep the owner out by registering again and again.
                await context.OrderMail(existing.AccountId, MailPurpose.Claim);
                break;
            default:
                // Two people, or one with two passwords: neither is believed. Whoever reads the mail chooses the password.
                await UnprovenAccount.DropCredentials(context, existing.AccountId);
                await context.Record(existing.AccountId, Guid.Empty, "account.contested");
                await context.OrderMail(existing.AccountId, MailPurpose.Claim);
                break;
        }
    }

    static async Task<string?> ClaimedHash(NpgsqlDataSource db, string email, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "SELECT password_hash FROM users.account WHERE email_normalised = @email AND email_verified_at IS NULL", new { email }, cancellationToken: ct));
    }

    sealed record Existing
    {
        public Guid AccountId { get; init; }

        public bool Verified { get; init; }

        public string? PasswordHash { get; init; }
    }
}
