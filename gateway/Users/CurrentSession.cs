using System.Security.Claims;

namespace EdTech.Gateway;

static class CurrentSession
{
    /// <summary>The session of the caller's access token; tokens without one are not accepted.</summary>
    public static Guid SessionId(this ClaimsPrincipal caller) => Guid.Parse(caller.FindFirstValue("sid")!);
}
