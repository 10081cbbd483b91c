using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

/// <summary>A first code shows that the authenticator works: it is asked for from now on. The recovery codes are shown this once.</summary>
static class ConfirmTwoFactorRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/me/two-factor/confirm", Handle);

    static async Task<IResult> Handle(ConfirmTwoFactor request, HttpContext http, ITransactionalSession session, SecondFactor secondFactor, CancellationToken ct)
    {
        var me = http.Actor().Id;
        RecoveryCodes? codes = null;
        var reply = await session.Run(async context =>
        {
            await context.LockAccount(me);
            if (!await secondFactor.TakeStep(context, me, request.Code, confirmed: false))
            {
                await context.Refuse(RefusalKind.Invalid, "two_factor.wrong_code", "The code is wrong, or no authenticator waits to be confirmed.");
                return;
            }

            codes = new RecoveryCodes(await secondFactor.NewRecoveryCodes(context, me));
            await context.Record(me, me, "two_factor.on");
            await context.OrderMail(me, MailPurpose.TwoFactorOn);
        }, ct);
        return codes is null ? CredentialRoute.Answer(reply) : Results.Json(codes);
    }
}
