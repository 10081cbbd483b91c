using System.Globalization;
using System.Security.Claims;

namespace EdTech.Gateway;

/// <summary>
/// For operations that decide where money goes: whoever holds an open browser must not do. The caller has to have signed in (with the second factor, where there
/// is one) within the last minutes, or is asked to as RFC 9470 has it. Refreshing a session does not renew <c>auth_time</c>; signing in again does.
/// </summary>
static class RecentProof
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    /// <summary>Whether the proof is too old; the problem is written then, and the operation has nothing left to do.</summary>
    public static async Task<bool> IsMissingAsync(HttpContext http)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (long.TryParse(http.User.FindFirstValue("auth_time"), NumberStyles.None, CultureInfo.InvariantCulture, out var signedIn) && now.ToUnixTimeSeconds() - signedIn <= MaxAge.TotalSeconds)
            return false;

        http.Response.Headers.WWWAuthenticate = string.Create(
            CultureInfo.InvariantCulture, $"Bearer error=\"insufficient_user_authentication\", error_description=\"A more recent sign-in is required\", max_age={MaxAge.TotalSeconds:F0}");
        await Problems.WriteAsync(http, StatusCodes.Status401Unauthorized, "auth.step_up_required", "This needs a sign-in within the last ten minutes. Sign in again and repeat the request with the new access token.");
        return true;
    }
}
