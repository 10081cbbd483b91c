using EdTech.Contracts.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

/// <summary>Ten new recovery codes; the old ones work no longer.</summary>
static class RenewRecoveryCodesRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/me/two-factor/recovery-codes", Handle);

    static Task<IResult> Handle(TwoFactorProof request, HttpContext http, ProvenTwice proof, SecondFactor secondFactor, CancellationToken ct)
        => proof.Run(http, request, async (context, me) =>
        {
            var codes = new RecoveryCodes(await secondFactor.NewRecoveryCodes(context, me));
            await context.Record(me, me, "two_factor.recovery_codes_renewed");
            return codes;
        }, ct);
}
