using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class RequestPasswordResetRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/password-resets", Handle);

    static async Task<IResult> Handle(RequestPasswordReset request, HttpContext http, ITransactionalSession session, UsersSecrets secrets, CancellationToken ct)
        => CredentialRoute.Answer(await session.RunOnce(http, secrets, async context =>
        {
            await context.RequestMail(EmailAddress.Normalise(request.Email) ?? "", MailPurpose.Reset);
            await context.Reply(new MailOnItsWay("If the address has an account, a mail is on its way to it."));
        }, ct));
}
