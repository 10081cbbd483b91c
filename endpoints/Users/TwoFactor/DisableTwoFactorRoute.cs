using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class DisableTwoFactorRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/me/two-factor/disable", Handle);

    static Task<IResult> Handle(TwoFactorProof request, HttpContext http, ProvenTwice proof, CancellationToken ct)
        => proof.Run(http, request, async (context, me) =>
        {
            await context.Db.ExecuteAsync(
                """
                DELETE FROM users.totp
                WHERE account_id = @me;

                DELETE FROM users.recovery_code
                WHERE account_id = @me;
                """,
                new { me });
            await context.Record(me, me, "two_factor.off");
            await context.OrderMail(me, MailPurpose.TwoFactorOff);
            return new Done(me);
        }, ct);
}
