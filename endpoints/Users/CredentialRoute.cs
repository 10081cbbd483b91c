using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Http;

namespace EdTech.Users;

/// <summary>What the synchronous routes share: answers, repeats, and who is calling from where.</summary>
static class CredentialRoute
{
    // As the gateway sends them.
    const string ClientAddressHeader = "EdTech-Client-Address";
    const string ClientAgentHeader = "EdTech-Client-Agent";

    /// <summary>Runs a write that a repeat under the same idempotency key must not run again. Only for replies that hold no secret: they are stored.</summary>
    public static async Task<object?> RunOnce(this ITransactionalSession session, HttpContext http, UsersSecrets secrets, Func<IMessageHandlerContext, Task> work, CancellationToken ct)
        => http.Request.Headers[InternalApi.MessageIdHeader].ToString() is { Length: > 0 } messageId
            ? await session.Run(messageId, http.Actor().Id, secrets.BlindRequestHash(http.Request.Headers[InternalApi.RequestHashHeader].ToString()), work, ct)
            : await session.Run(work, ct);

    public static IResult Answer(object? reply) => reply switch
    {
        Refused refused => Results.Json(refused, statusCode: refused.Kind.Status()),
        null => Results.NoContent(),
        _ => Results.Json(reply),
    };

    /// <summary>The caller has not proven who they are.</summary>
    public static IResult Unauthorized(string code, string message)
        => Results.Json(new Refused(RefusalKind.Forbidden, code, message), statusCode: StatusCodes.Status401Unauthorized);

    public static IResult TooMany(HttpContext http, string code, string message, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Results.Json(new Refused(RefusalKind.Conflict, code, message), statusCode: StatusCodes.Status429TooManyRequests);
    }

    /// <summary>The public caller's address; that of whoever calls us when it is not told.</summary>
    public static IPAddress ClientAddress(this HttpContext http)
        => IPAddress.TryParse(http.Request.Headers[ClientAddressHeader], out var told)
            ? (told.IsIPv4MappedToIPv6 ? told.MapToIPv4() : told)
            : http.Connection.RemoteIpAddress ?? IPAddress.None;

    /// <summary>The network of an address, coarse enough not to say where somebody lives.</summary>
    public static string NetworkOf(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var keep = address.AddressFamily == AddressFamily.InterNetwork ? 3 : 6;
        Array.Clear(bytes, keep, bytes.Length - keep);
        return $"{new IPAddress(bytes)}/{keep * 8}";
    }

    /// <summary>What the session is called in the person's list.</summary>
    public static string DeviceName(this HttpContext http, string? given)
    {
        var name = string.IsNullOrWhiteSpace(given) ? http.Request.Headers[ClientAgentHeader].ToString() : given;
        name = new string([.. name.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(200)]).Trim();
        return name.Length > 0 ? name : "unknown";
    }
}

/// <summary>Turns what every route with a password can run into, a queue for hashing that does not move, into a refusal.</summary>
sealed class CredentialRefusals : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (HashingIsBusyException)
        {
            return CredentialRoute.TooMany(context.HttpContext, "passwords.busy", "Too many people sign in at this moment. Try again in a few seconds.", TimeSpan.FromSeconds(3));
        }
    }
}
