using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Http;

namespace EdTech.Users;

/// <summary>Does what needs both the password (where there is one) and a code of the second factor.</summary>
sealed class ProvenTwice(ITransactionalSession session, PasswordProof passwords, SecondFactor secondFactor, SignInThrottle throttle)
{
    public async Task<IResult> Run(HttpContext http, TwoFactorProof request, Func<IMessageHandlerContext, Guid, Task<object>> work, CancellationToken ct)
    {
        var me = http.Actor().Id;
        var proven = await passwords.Check(http, me, request.Password, ct);
        var wait = proven.Wait > TimeSpan.Zero ? proven.Wait : await throttle.Attempt(CodesOf(me), IPAddress.None, ct);
        if (wait > TimeSpan.Zero)
        {
            return CredentialRoute.TooMany(http, "sign_in.too_many", "Too many wrong attempts. Wait as long as Retry-After says.", wait);
        }

        object? done = null;
        var reply = await session.Run(async context =>
        {
            await context.LockAccount(me);
            if (proven is { HasPassword: true, Right: false })
            {
                await PasswordProof.Refuse(context, proven);
            }
            else if (!await SecondFactor.IsOn(context.Db, me))
            {
                await context.Refuse(RefusalKind.Conflict, "two_factor.not_on", "No authenticator is in use.");
            }
            else if (await secondFactor.Take(context, me, request.Code) is null)
            {
                await context.Refuse(RefusalKind.Invalid, "two_factor.wrong_code", "The code is wrong, or was used before.");
            }
            else
            {
                done = await work(context, me);
            }
        }, ct);
        if (done is null)
        {
            return CredentialRoute.Answer(reply);
        }

        await throttle.Succeeded(CodesOf(me), ct);
        return Results.Json(done);
    }

    /// <summary>Guesses at the code from within a session are counted apart: they must not keep the owner from signing in.</summary>
    static string CodesOf(Guid accountId) => $"codes of {accountId}";
}
