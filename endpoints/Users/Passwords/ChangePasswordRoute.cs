using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class ChangePasswordRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/me/password", Handle);

    static async Task<IResult> Handle(
        ChangePassword request, HttpContext http, ITransactionalSession session, PasswordProof proof, PasswordHasher hasher, UsersSecrets secrets, CancellationToken ct)
    {
        var me = http.Actor().Id;
        var proven = await proof.Check(http, me, request.CurrentPassword, ct);
        if (proven.Wait > TimeSpan.Zero)
        {
            return CredentialRoute.TooMany(http, "sign_in.too_many", "Too many wrong attempts. Wait as long as Retry-After says.", proven.Wait);
        }

        if (PasswordPolicy.Fault(request.NewPassword, proven.EmailNormalised, proven.DisplayName) is { } fault)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, fault.Code, fault.Message, new Dictionary<string, string> { ["newPassword"] = fault.Message });
        }

        var hash = proven.Right ? await hasher.Hash(request.NewPassword, ct) : null;
        return CredentialRoute.Answer(await session.RunOnce(http, secrets, async context =>
        {
            // Changed by somebody else in between, the hash no longer matches: then this proof is worth nothing.
            if (hash is null || await Change(context, me, proven.PasswordHash!, hash) == 0)
            {
                await PasswordProof.Refuse(context, proven);
                return;
            }

            await SessionRevocation.RevokeAll(context, me, "password_changed", except: request.SessionId);
            await context.Record(me, me, "password.changed");
            await context.OrderMail(me, MailPurpose.PasswordChanged);
            await context.Reply(new Done(me));
        }, ct));
    }

    static Task<int> Change(IMessageHandlerContext context, Guid accountId, string oldHash, string newHash)
        => context.Db.ExecuteAsync(
            """
            UPDATE users.account
            SET password_hash = @newHash
            WHERE account_id = @accountId AND password_hash = @oldHash AND status = 'active'
            """,
            new { accountId, oldHash, newHash });
}
