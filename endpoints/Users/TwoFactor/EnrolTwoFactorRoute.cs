using System.Security.Cryptography;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OtpNet;

namespace EdTech.Users;

/// <summary>Makes the secret of an authenticator. Until a code confirms it, it is asked of nobody, and making another replaces it.</summary>
static class EnrolTwoFactorRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/me/two-factor", Handle);

    static async Task<IResult> Handle(EnrolTwoFactor request, HttpContext http, ITransactionalSession session, PasswordProof proof, UsersSecrets secrets, CancellationToken ct)
    {
        var me = http.Actor().Id;
        var proven = await proof.Check(http, me, request.Password, ct);
        if (proven.Wait > TimeSpan.Zero)
        {
            return CredentialRoute.TooMany(http, "sign_in.too_many", "Too many wrong attempts. Wait as long as Retry-After says.", proven.Wait);
        }

        var secret = RandomNumberGenerator.GetBytes(20);
        var reply = await session.Run(async context =>
        {
            if (proven is { HasPassword: true, Right: false })
            {
                await PasswordProof.Refuse(context, proven);
                return;
            }

            var kept = await context.Db.ExecuteAsync(
                """
                INSERT INTO users.totp AS t (account_id, secret, created_at)
                SELECT a.account_id, @box, @Now
                FROM users.account a
                WHERE a.account_id = @me AND a.status = 'active'
                ON CONFLICT (account_id) DO UPDATE
                SET secret = @box, created_at = @Now, last_step = 0
                WHERE t.confirmed_at IS NULL
                """,
                new { me, box = secrets.Seal(secret, SecondFactor.Purpose(me)), context.Now });
            if (kept == 0)
            {
                await context.Refuse(RefusalKind.Conflict, "two_factor.already_on", "An authenticator is in use already. Switch it off first.");
            }
        }, ct);
        return reply is Refused
            ? CredentialRoute.Answer(reply)
            : Results.Json(new TwoFactorSecret(
                Base32Encoding.ToString(secret).TrimEnd('='),
                new OtpUri(OtpType.Totp, secret, proven.EmailNormalised ?? me.ToString(), "EdTech").ToString()));
    }
}
