using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class ResendVerificationRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/accounts/verify/resend", Handle);

    static async Task<IResult> Handle(ResendVerification request, HttpContext http, ITransactionalSession session, UsersSecrets secrets, CancellationToken ct)
        => CredentialRoute.Answer(await session.RunOnce(http, secrets, async context =>
        {
            // What is no address has no account either; the same work is done for it.
            await context.RequestMail(EmailAddress.Normalise(request.Email) ?? "", MailPurpose.Verify);
            await context.Reply(new MailOnItsWay("If the address waits to be verified, another mail is on its way to it."));
        }, ct));
}
